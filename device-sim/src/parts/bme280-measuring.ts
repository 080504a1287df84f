/**
 * When a BME280 measures: once when it is told to (forced), or again and again (normal), each time for as long as the data
 * sheet says at most (BST-BME280-DS002, sections 3.3, 9.1). Until a measurement is over the old data stay.
 */

/** Settings that the next measurement uses. */
export interface Bme280Settings {
  /** ctrl_hum, as it was when ctrl_meas was written last: only then does the device look at it. */
  readonly controlHumidity: number
  /** ctrl_meas */
  readonly control: number
  /** config */
  readonly config: number
}

/** A measurement that is over. */
export interface Measurement {
  /** When it began, ms. */
  readonly startMs: number
  readonly temperature: boolean
  readonly pressure: boolean
  readonly humidity: boolean
}

/** The measuring of a device. */
export interface Measuring {
  /** ctrl_meas was written: forced starts now, normal starts over, sleep stops. */
  readonly command: (settings: Bme280Settings, nowMs: number) => void
  /** The latest measurement that was over by now and was not told before. */
  readonly finished: (nowMs: number) => Measurement | undefined
  /** A measurement is under way. */
  readonly isBusy: (nowMs: number) => boolean
  /** The mode bits as they read now: a forced measurement falls back to sleep. */
  readonly mode: (nowMs: number) => number
}

const SLEEP = 0
const NORMAL = 3
const OVERSAMPLING = [0, 1, 2, 4, 8, 16, 16, 16]
/** Pause between measurements in normal mode by the three upper bits of config, ms (table 27). */
const STANDBY_MS = [0.5, 62.5, 125, 250, 500, 1000, 10, 20]

/** A device that sleeps. */
export function createMeasuring(): Measuring {
  let mode = SLEEP
  let settings: Bme280Settings = { controlHumidity: 0, control: 0, config: 0 }
  let startMs = 0
  let takesMs = 0
  let periodMs = 0
  let told = -1
  /** Index of the last measurement that is over, -1 for none. */
  const over = (nowMs: number): number => {
    if (mode === SLEEP || nowMs < startMs + takesMs) return -1
    return mode === NORMAL ? Math.floor((nowMs - startMs - takesMs) / periodMs) : 0
  }
  return {
    command: (next, nowMs) => {
      settings = next
      mode = next.control & 3
      startMs = nowMs
      takesMs = measuringMs(next)
      periodMs = takesMs + (STANDBY_MS[next.config >> 5] ?? 0)
      told = -1
    },
    finished: (nowMs) => {
      const last = over(nowMs)
      if (last <= told) return undefined
      told = last
      return {
        startMs: startMs + last * periodMs,
        temperature: settings.control >> 5 !== 0,
        pressure: ((settings.control >> 2) & 7) !== 0,
        humidity: (settings.controlHumidity & 7) !== 0,
      }
    },
    isBusy: (nowMs) => {
      if (mode === SLEEP) return false
      return mode === NORMAL ? (nowMs - startMs) % periodMs < takesMs : over(nowMs) < 0
    },
    mode: (nowMs) => (mode === NORMAL || over(nowMs) < 0 ? mode : SLEEP),
  }
}

/** Longest time of a measurement, ms. */
export function measuringMs({ controlHumidity, control }: Bme280Settings): number {
  const times = (bits: number): number => OVERSAMPLING[bits & 7] ?? 0
  const part = (count: number, extraMs: number): number => (count === 0 ? 0 : 2.3 * count + extraMs)
  return 1.25 + part(times(control >> 5), 0) + part(times(control >> 2), 0.575) + part(times(controlHumidity), 0.575)
}
