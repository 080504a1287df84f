/**
 * Wind over a window, as WMO-No. 8 reports it: mean speed (scalar), gust (the largest running mean of 3 s), and mean direction, the
 * direction of the sum of the wind's vectors. Two readings of north, 350 and 10 degrees, must not give south.
 */

/** What the cups and the vane said of one stretch of time. */
export interface WindSample {
  /** End of the stretch, ms on one clock that goes on evenly: the board's since its reset, or a monotonic one. */
  readonly timeMs: number
  /** Its length on that clock, ms: stretches that follow each other meet to the millisecond. */
  readonly lengthMs: number
  /** Mean speed over it, m/s. */
  readonly speed: number
  /** deg from north; null when the vane gave none. */
  readonly degrees: number | null
}

/** Wind over the window before a time; null where samples do not carry it. */
export interface WindReport {
  /** m/s */
  readonly meanSpeed: number | null
  /** m/s */
  readonly gust: number | null
  /** deg from north in [0, 360); null also in calm and when vectors cancel out, for no direction is the mean then. */
  readonly meanDegrees: number | null
}

/** Options of a {@link WindWindow}. */
export interface WindOptions {
  /** WMO: 10 minutes. */
  readonly windowMs?: number
  /** Part of the window that samples must cover for an answer; WMO's guides want three quarters. */
  readonly leastCover?: number
}

/** WMO-No. 8: a gust lasts 3 s. */
const GUST_MS = 3_000
const WINDOW_MS = 600_000
const LEAST_COVER = 0.75
/** More often than this is not needed for a gust of 3 s; it bounds memory at 2400 samples for 10 minutes. */
const SHORTEST_SAMPLE_MS = 250
/** A resultant of less than this part of the mean speed is rounding. */
const NO_RESULTANT = 1e-9

/** SparkFun's weather meter: one closure a second is 2.4 km/h. */
export const SPARKFUN_MPS_PER_HERTZ: number = 2.4 / 3.6

/** Mean speed of cups. @returns m/s; null for no time */
export function cupSpeed(
  pulses: number,
  elapsedMs: number,
  mpsPerHertz: number = SPARKFUN_MPS_PER_HERTZ,
): number | null {
  return elapsedMs > 0 ? (pulses * 1000 * mpsPerHertz) / elapsedMs : null
}

/** The samples of a window, and what follows from them. A window is for one session: another board or boot has another clock. */
export class WindWindow {
  readonly #windowMs: number
  readonly #leastCover: number
  #samples: (WindSample & { readonly gust: number | null })[] = []

  constructor({ windowMs = WINDOW_MS, leastCover = LEAST_COVER }: WindOptions = {}) {
    this.#windowMs = windowMs
    this.#leastCover = leastCover
  }

  /** Number of samples kept. */
  get size(): number {
    return this.#samples.length
  }

  /**
   * Adds a stretch. One that has no finite speed, is shorter than 250 ms or overlaps the one before is left out; one that ends before
   * that one does begins the window anew, for then the clock went back.
   */
  add(sample: WindSample): void {
    if (!isUsable(sample)) return
    const { timeMs, lengthMs } = sample
    const last = this.#samples.at(-1)
    if (last && timeMs < last.timeMs) this.#samples = []
    else if (last && timeMs - lengthMs < last.timeMs) return
    while (this.#samples[0] && this.#samples[0].timeMs <= timeMs - this.#windowMs) this.#samples.shift()
    this.#samples.push({ ...sample, gust: this.#gustEndingWith(sample) })
  }

  /** Wind over the window that ends at `timeMs`. */
  report(timeMs: number): WindReport {
    const samples = this.#samples.filter((s) => s.timeMs > timeMs - this.#windowMs && s.timeMs <= timeMs)
    const coveredMs = samples.reduce((sum, { lengthMs }) => sum + lengthMs, 0)
    if (coveredMs === 0 || coveredMs < this.#leastCover * this.#windowMs) {
      return { meanSpeed: null, gust: null, meanDegrees: null }
    }
    const gusts = samples.flatMap(({ gust }) => (gust === null ? [] : [gust]))
    return {
      meanSpeed: samples.reduce((sum, { speed, lengthMs }) => sum + speed * lengthMs, 0) / coveredMs,
      gust: gusts.length > 0 ? gusts.reduce((a, b) => Math.max(a, b)) : null,
      meanDegrees: meanDegrees(samples),
    }
  }

  /** Mean speed of the 3 s that end with the sample; null unless samples shorter than that cover them without a gap. */
  #gustEndingWith(sample: WindSample): number | null {
    let metres = 0
    let missingMs = GUST_MS
    let end = sample.timeMs
    for (const at of [sample, ...this.#samples.slice(-GUST_MS / SHORTEST_SAMPLE_MS).reverse()]) {
      if (missingMs === 0) break
      if (at.timeMs !== end || at.lengthMs > GUST_MS) return null
      const ms = Math.min(missingMs, at.lengthMs)
      metres += at.speed * (ms / 1000)
      missingMs -= ms
      end = at.timeMs - at.lengthMs
    }
    return missingMs > 0 ? null : metres / (GUST_MS / 1000)
  }
}

function isUsable({ timeMs, lengthMs, speed }: WindSample): boolean {
  return Number.isFinite(timeMs) && lengthMs >= SHORTEST_SAMPLE_MS && speed >= 0 && Number.isFinite(speed)
}

/** Direction of the sum of vectors, each as long as its stretch of wind. */
function meanDegrees(samples: readonly WindSample[]): number | null {
  let north = 0
  let east = 0
  let length = 0
  for (const { degrees, speed, lengthMs } of samples) {
    if (degrees === null || !Number.isFinite(degrees)) continue
    const metres = speed * lengthMs
    north += metres * Math.cos((degrees * Math.PI) / 180)
    east += metres * Math.sin((degrees * Math.PI) / 180)
    length += metres
  }
  if (length === 0 || Math.hypot(north, east) <= NO_RESULTANT * length) return null
  const mean = (Math.atan2(east, north) * 180) / Math.PI
  const positive = mean < 0 ? mean + 360 : mean
  return positive === 360 ? 0 : positive // -1e-15 + 360 is 360
}
