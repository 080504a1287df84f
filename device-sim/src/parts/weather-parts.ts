/**
 * The parts of the weather station over the weather of a site, at the pins of the board's firmware: rain gauge on D2,
 * anemometer on D3, vane on A0, BME280 on the two-wire bus.
 */
import type { Uno } from '../avr/index.ts'
import type { Site } from '../world/index.ts'
import { type Anemometer, anemometer } from './anemometer.ts'
import { type Bme280, bme280 } from './bme280.ts'
import type { Signal } from './part.ts'
import { type RainGauge, rainGauge } from './rain-gauge.ts'
import { type WindVane, windVane } from './wind-vane.ts'

/** How a station's parts see the world. */
export interface StationPartsOptions {
  /** Recorded time that is shown at a virtual time, both in ms; never falls. */
  readonly recordedMs: Signal
  /** Of contact times, jitter and noise; default 1. */
  readonly seed?: number
}

/** Parts of a station. */
export interface StationParts {
  /** Connects every part, once. */
  readonly connect: (uno: Uno) => void
}

/** Parts of the weather station. */
export interface WeatherParts extends StationParts {
  readonly rain: RainGauge
  readonly wind: Anemometer
  readonly vane: WindVane
  readonly climate: Bme280
}

/** How the weather station sees the world, and which chip it was sold. */
export interface WeatherPartsOptions extends StationPartsOptions {
  /** Default 0x60, a BME280. */
  readonly chipId?: 0x60 | 0x58
}

/** Parts of a weather station at a site. Gusts last their seconds of virtual time, however fast the record passes. */
export function weatherParts(site: Site, { recordedMs, seed = 1, chipId }: WeatherPartsOptions): WeatherParts {
  const gustMs: Signal = (ms) => recordedMs(0) + ms
  const rain = rainGauge({ fallenMm: (ms) => site.rainTotal(recordedMs(ms)), seed })
  const wind = anemometer({ windSpeed: (ms) => site.windSpeed(recordedMs(ms), gustMs(ms)), seed })
  const vane = windVane({ windDirection: (ms) => site.windDirection(recordedMs(ms), gustMs(ms)) })
  const climate = bme280({
    celsius: (ms) => site.airTemperature(recordedMs(ms)),
    percent: (ms) => site.relativeHumidity(recordedMs(ms)),
    hectopascal: (ms) => site.pressure(recordedMs(ms)),
    ...(chipId === undefined ? {} : { chipId }),
  })
  return {
    rain,
    wind,
    vane,
    climate,
    connect: (uno) => {
      for (const part of [rain, wind, vane, climate]) part.connect(uno)
    },
  }
}
