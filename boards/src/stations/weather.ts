/** Weather station: BME280, and SparkFun's weather meters for rain and wind. What is derived stands beside the raw value that it is from. */
import { narrow, type Ruleset, rulesFor } from '@fieldproof/sdk/quality'
import { z } from 'zod'
import { dewPoint, SPARKFUN_MM_PER_TIP, SPARKFUN_MPS_PER_HERTZ, seaLevelPressure } from '../derive/index.ts'
import { anemometer, bme280, rainGauge, windVane } from '../drivers/index.ts'
import { type ColumnSource, defineStation, type StationDefinition } from '../station/definition.ts'
import { digits, everyMs, maxGapMs } from './fields.ts'
import { type StationProfile, stationProfile } from './profile.ts'
import { meanDirection, rainColumns } from './weather-columns.ts'

/** Settings of {@link weatherStation}, with their defaults. */
export interface WeatherSettings {
  readonly everyMs: number
  readonly sampleMs: number
  readonly utcOffsetMinutes: number
  readonly altitudeM: number | null
  readonly barometer: { readonly chip: 'BME280' | 'BMP280'; readonly address: 0x76 | 0x77 }
  readonly rain: { readonly mmPerTip: number; readonly debounceMs: number }
  readonly wind: { readonly metresPerSecondPerHz: number; readonly vanePullUpOhms: number; readonly northDeg: number }
}

const barometer = z.strictObject({
  chip: z
    .enum(['BME280', 'BMP280'])
    .default('BME280')
    .describe('BMP280 for the module that has no humidity; it is often sold as the other, and then refused.'),
  address: z
    .union([z.literal(0x76), z.literal(0x77)])
    .default(0x76)
    .describe('I2C address: 0x76 (118), or 0x77 (119) where SDO is at the supply.'),
})
const rain = z.strictObject({
  mmPerTip: z
    .number()
    .min(0.01)
    .max(10)
    .default(SPARKFUN_MM_PER_TIP)
    .describe('Rain that makes the bucket tip, in mm.'),
  debounceMs: z.int().min(1).max(1000).default(100).describe('Closest two tips, in ms: more, if one tip counts twice.'),
})
const wind = z.strictObject({
  metresPerSecondPerHz: z
    .number()
    .min(0.01)
    .max(20)
    .default(SPARKFUN_MPS_PER_HERTZ)
    .describe('Wind at one contact closure a second, in m/s.'),
  vanePullUpOhms: z
    .int()
    .min(1_000)
    .max(100_000)
    .default(10_000)
    .describe('Resistor from the wind vane to 5V, in ohm; 1 % or better.'),
  northDeg: z
    .number()
    .min(-360)
    .max(360)
    .default(0)
    .describe('Degrees to add because the N of the vane does not look north.'),
})

/** Settings file of a weather station. */
export const WEATHER_SETTINGS: z.ZodType<WeatherSettings> = z
  .strictObject({
    everyMs,
    sampleMs: z
      .int()
      .min(500)
      .max(60_000)
      .default(1_000)
      .describe('Time between two looks at the anemometer, in ms; divides everyMs. A gust needs 3000 or less.'),
    utcOffsetMinutes: z
      .int()
      .min(-1440)
      .max(1440)
      .default(0)
      .describe('Local time minus UTC, in minutes: when the day of rainToday begins. It knows no summer time.'),
    altitudeM: z
      .number()
      .min(-450)
      .max(6_000)
      .nullable()
      .default(null)
      .describe('Of the barometer above sea level, in m; null for no pressure at sea level.'),
    barometer: barometer.prefault({}).describe('Air temperature, humidity and pressure.'),
    rain: rain.prefault({}).describe('Tipping bucket.'),
    wind: wind.prefault({}).describe('Cup anemometer and wind vane.'),
  })
  .refine((all) => all.everyMs % all.sampleMs === 0, { path: ['sampleMs'], message: 'want a divisor of everyMs' })

/** Terse: a method has 1024 bytes, and the quality rules need 700 of them. */
function methodOf({ barometer: { chip }, wind, rain, utcOffsetMinutes, altitudeM }: WeatherSettings): string {
  const texts = [
    `${chip} forced x1`,
    `windSpeed: mean of the row, ${digits(wind.metresPerSecondPerHz)} m/s per Hz`,
    'windGust: its highest 3 s mean',
    `windDirection: vaneRaw, ${wind.vanePullUpOhms} ohm, ${digits(wind.northDeg)} deg added`,
    'meanWindDirection: vectors of 10 min',
    `rainTips: since last row, ${digits(rain.mmPerTip)} mm each`,
    'rainRate: 10 min',
    `rainToday: at least, day of UTC${utcOffsetMinutes < 0 ? '' : '+'}${utcOffsetMinutes} min`,
  ]
  return `${[...texts, ...(altitudeM === null ? [] : [`altitude ${digits(altitudeM)} m`])].join('; ')}.`
}

/** A weather station. */
export function weatherStation(settings: WeatherSettings): StationDefinition {
  const columns = columnsOf(settings)
  return defineStation({
    name: 'weather-station',
    title: 'Weather station',
    board: 'uno',
    sensors: {
      air: bme280(settings.barometer),
      rain: rainGauge({ mmPerTip: settings.rain.mmPerTip, debounceUs: settings.rain.debounceMs * 1000 }),
      wind: anemometer({ metresPerSecondPerHz: settings.wind.metresPerSecondPerHz }),
      vane: windVane({ pin: 'A0', pullUpOhms: settings.wind.vanePullUpOhms, northDeg: settings.wind.northDeg }),
    },
    streams: {
      weather: {
        everyMs: settings.everyMs,
        sampleMs: settings.sampleMs,
        columns,
        quality: rulesOf(new Set(Object.keys(columns)), settings),
        method: methodOf(settings),
      },
    },
  })
}

function columnsOf(settings: WeatherSettings): Readonly<Record<string, ColumnSource>> {
  const {
    altitudeM,
    barometer: { chip },
    rain: { mmPerTip },
    utcOffsetMinutes,
  } = settings
  return {
    airTemperature: { sensor: 'air', quantity: 'temperature' },
    ...(chip === 'BME280' && {
      relativeHumidity: { sensor: 'air', quantity: 'humidity' },
      dewPoint: {
        unit: 'Cel',
        decimals: 2,
        derive: ({ values: { airTemperature: t, relativeHumidity: rh } }) =>
          t == null || rh == null ? null : dewPoint(t, rh),
      } satisfies ColumnSource,
    }),
    airPressure: { sensor: 'air', quantity: 'pressure' },
    ...(altitudeM !== null && {
      seaLevelPressure: {
        unit: 'hPa',
        decimals: 2,
        derive: ({ values: { airTemperature: t, airPressure: p } }) =>
          t == null || p == null ? null : seaLevelPressure(p, altitudeM, t),
      } satisfies ColumnSource,
    }),
    windSpeed: { sensor: 'wind', quantity: 'speed' },
    windGust: { sensor: 'wind', quantity: 'gust' },
    vaneRaw: { sensor: 'vane', quantity: 'raw' },
    windDirection: { sensor: 'vane', quantity: 'direction' },
    meanWindDirection: meanDirection('windSpeed', 'windDirection', settings.everyMs),
    rainTips: { sensor: 'rain', quantity: 'tips' },
    ...rainColumns('rainTips', { mmPerTip, utcOffsetMinutes }),
  }
}

function rulesOf(columns: ReadonlySet<string>, settings: WeatherSettings): Ruleset {
  // Spans of the sensor: BST-BME280-DS001, 1.1 to 1.3.
  const rules = [
    narrow(rulesFor.airTemperature('airTemperature'), { sensor: [-40, 85] }),
    rulesFor.relativeHumidity('relativeHumidity'),
    rulesFor.dewPoint('dewPoint'),
    narrow(rulesFor.pressure('airPressure'), { sensor: [300, 1100] }),
    rulesFor.windSpeed('windSpeed'),
    rulesFor.windGust('windGust'),
    rulesFor.windDirection('windDirection', 'windSpeed'),
    rulesFor.rainRate('rainRate'),
  ]
  return {
    name: 'weather',
    version: 1,
    maxGapMs: maxGapMs(settings.everyMs),
    columns: rules.filter(({ column }) => columns.has(column)),
    consistency: [
      ...(columns.has('dewPoint')
        ? ([{ rule: 'not-above', column: 'dewPoint', limit: 'airTemperature', slack: 0 }] as const)
        : []),
      // One closure more or less in 3 s is 0.22 m/s.
      { rule: 'not-above', column: 'windSpeed', limit: 'windGust', slack: 0.25 },
      { rule: 'still', direction: 'windDirection', speed: 'windSpeed', slack: 22.5 },
    ],
  }
}

/** The kind of station that an owner chooses. */
export const WEATHER_STATION: StationProfile = stationProfile(
  {
    name: 'weather-station',
    title: 'Weather station',
    summary: 'Air temperature, humidity and pressure (BME280), rain and wind (SparkFun weather meters SEN-15901).',
  },
  WEATHER_SETTINGS,
  weatherStation,
)
