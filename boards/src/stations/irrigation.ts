/** Irrigation station: two soil probes, soil temperature, flow meter, and a relay for a valve or pump that the board switches off itself. */
import { narrow, rulesFor } from '@fieldproof/sdk/quality'
import { z } from 'zod'
import { YF_S201_PULSES_PER_LITRE } from '../derive/index.ts'
import { ds18b20, flowMeter, soilProbe, valveState } from '../drivers/index.ts'
import { defineStation, type StationDefinition, type ValveDefinition } from '../station/definition.ts'
import { digits, everyMs, maxGapMs, type ProbeSettings, probe } from './fields.ts'
import { type StationProfile, stationProfile } from './profile.ts'

/** Settings of {@link irrigationStation}, with their defaults. */
export interface IrrigationSettings {
  readonly everyMs: number
  readonly shallow: ProbeSettings
  readonly deep: ProbeSettings
  readonly thermometer: { readonly rom: string | null }
  readonly flow: { readonly pulsesPerLitre: number }
  readonly valve: { readonly maxMs: number }
}

const thermometer = z.strictObject({
  rom: z
    .string()
    .regex(/^28[0-9a-fA-F]{14}$/, 'want 16 hexadecimal digits that begin with 28')
    .nullable()
    .default(null)
    .describe('ROM code of the DS18B20, where several share the pin; null for the only one.'),
})
const flow = z.strictObject({
  pulsesPerLitre: z
    .number()
    .min(1)
    .max(100_000)
    .default(YF_S201_PULSES_PER_LITRE)
    .describe('450 for a YF-S201. It is good to 10 %: let ten litres run into a bucket and correct it.'),
})
const valve = z.strictObject({
  maxMs: z
    .int()
    .min(1_000)
    .max(3_600_000)
    .default(900_000)
    .describe(
      'Longest time that one command may water, in ms. The board closes by itself then, whatever happens to this computer.',
    ),
})

/** Settings file of an irrigation station. */
export const IRRIGATION_SETTINGS: z.ZodType<IrrigationSettings> = z.strictObject({
  everyMs,
  shallow: probe('shallow'),
  deep: probe('deep'),
  thermometer: thermometer.prefault({}).describe('Soil temperature.'),
  flow: flow.prefault({}).describe('Flow meter behind the valve.'),
  valve: valve.prefault({}).describe('Valve, or relay of a pump.'),
})

function methodOf({ shallow, deep, flow: { pulsesPerLitre } }: IrrigationSettings): string {
  const points = ({ dryRaw, wetRaw }: ProbeSettings): string => `0 at ${dryRaw} and 100 at ${wetRaw} counts`
  return [
    `Wetness in percent: shallow ${points(shallow)}, deep ${points(deep)}; it is not volumetric water content`,
    'soilTemperature: the conversion that the row before began',
    'valveOpen: read back from the pin',
    `flowPulses and flowVolume: since the row before, ${digits(pulsesPerLitre)} pulses a litre`,
    'flowRate: their mean.',
  ].join('; ')
}

/** A relay for a valve or a pump at the board's valve pin. */
export function valveRelay(maxMs: number): ValveDefinition {
  return {
    maxMs,
    part: {
      title: 'Relay module, switches on HIGH',
      wires: [
        { terminal: 'VCC', pin: '5V' },
        { terminal: 'IN', pin: 'D7', pull: { ohms: 10_000, to: 'GND' } },
        { terminal: 'GND', pin: 'GND' },
      ],
      notes: [
        'It must switch on HIGH: one that switches on LOW waters whenever the board starts or loses its program.',
        'The 10 kΩ resistor goes from IN to GND and keeps the relay off while the board starts.',
        'Valve or pump gets its own supply through COM and NO, with a fuse; across a DC valve belongs a diode (1N4007).',
      ],
    },
  }
}

/** An irrigation station. */
export function irrigationStation(settings: IrrigationSettings): StationDefinition {
  const { rom } = settings.thermometer
  return defineStation({
    name: 'irrigation-station',
    title: 'Irrigation station',
    board: 'uno',
    sensors: {
      shallow: soilProbe({ pin: 'A1', ...settings.shallow }),
      deep: soilProbe({ pin: 'A2', ...settings.deep }),
      thermometer: ds18b20(rom === null ? { pin: 'D8' } : { pin: 'D8', rom }),
      flow: flowMeter(settings.flow),
      valveState: valveState(),
    },
    valve: valveRelay(settings.valve.maxMs),
    streams: {
      irrigation: {
        everyMs: settings.everyMs,
        columns: {
          shallowRaw: { sensor: 'shallow', quantity: 'raw' },
          shallowWetness: { sensor: 'shallow', quantity: 'wetness' },
          deepRaw: { sensor: 'deep', quantity: 'raw' },
          deepWetness: { sensor: 'deep', quantity: 'wetness' },
          soilTemperature: { sensor: 'thermometer', quantity: 'temperature' },
          valveOpen: { sensor: 'valveState', quantity: 'open' },
          flowPulses: { sensor: 'flow', quantity: 'pulses' },
          flowVolume: { sensor: 'flow', quantity: 'volume' },
          flowRate: { sensor: 'flow', quantity: 'rate' },
        },
        quality: {
          name: 'irrigation',
          version: 1,
          maxGapMs: maxGapMs(settings.everyMs),
          columns: [
            { ...rulesFor.soilMoisture('shallowWetness'), unit: '/100' },
            { ...rulesFor.soilMoisture('deepWetness'), unit: '/100' },
            narrow(rulesFor.soilTemperature('soilTemperature'), { sensor: [-55, 125] }),
            rulesFor.flow('flowRate'),
          ],
          consistency: [],
        },
        method: methodOf(settings),
      },
    },
  })
}

/** The kind of station that an owner chooses. */
export const IRRIGATION_STATION: StationProfile = stationProfile(
  {
    name: 'irrigation-station',
    title: 'Irrigation station',
    summary: 'Soil moisture in two depths, soil temperature (DS18B20), flow (YF-S201), and a valve or pump relay.',
  },
  IRRIGATION_SETTINGS,
  irrigationStation,
)
