/**
 * Rain of a tipping bucket, from pulses that counter.ts has proved: rate over a sliding window, and the sum of the local day. The offset
 * to UTC is given, because a machine's time zone is configuration and no property of its clock. A sum never falls within a day.
 */
import { FieldproofError } from '@fieldproof/sdk/base'

/** SparkFun's weather meter (SEN-15901): 0.011 in of rain a tip. */
export const SPARKFUN_MM_PER_TIP = 0.2794

/** Options of a {@link RainGauge}. */
export interface RainOptions {
  readonly mmPerTip?: number
  /** Minutes to add to UTC for local time, whole, -1440 to 1440. */
  readonly utcOffsetMinutes: number
  /** Window of the rate, ms, at least a minute. One tip in 10 minutes is 1.7 mm/h, in one minute 17: short windows are coarse. */
  readonly windowMs?: number
}

/** What a gauge knows with a reading; there is none without one, so an unplugged gauge never says that it is dry. */
export interface RainReport {
  /** mm/h over the window; null until every reading for that long could be proved. */
  readonly rateMmPerHour: number | null
  /** mm since the last reading before local midnight, or since the gauge was first read on that day. */
  readonly todayMm: number
  /** Readings of this day whose pulses could not be proved: `todayMm` is the least that fell. */
  readonly unknownToday: number
}

const WINDOW_MS = 600_000
const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000
/** The window is kept in this many slots, so that memory depends on no one's reading interval; a rate is late by one at most. */
const SLOTS = 60

/** A tipping bucket. Times are ms since 1970. */
export class RainGauge {
  readonly #mmPerTip: number
  readonly #offsetMs: number
  readonly #slotMs: number
  #slots: { readonly slot: number; tips: number }[] = []
  /** The rate is known from a window after this on. */
  #knownSinceMs = Number.POSITIVE_INFINITY
  #lastMs: number | undefined
  #day: { readonly number: number; tips: number; unknown: number } | undefined

  /** @throws FieldproofError `config-invalid` */
  constructor({ mmPerTip = SPARKFUN_MM_PER_TIP, utcOffsetMinutes, windowMs = WINDOW_MS }: RainOptions) {
    const faults = [
      ...(mmPerTip > 0 && Number.isFinite(mmPerTip) ? [] : ['mmPerTip: want a number above 0']),
      ...(Number.isInteger(utcOffsetMinutes) && Math.abs(utcOffsetMinutes) <= 1440
        ? []
        : ['utcOffsetMinutes: want an integer from -1440 to 1440']),
      ...(Number.isInteger(windowMs) && windowMs >= MINUTE_MS && windowMs <= DAY_MS
        ? []
        : [`windowMs: want an integer from ${MINUTE_MS} to ${DAY_MS}`]),
    ]
    if (faults.length > 0) throw new FieldproofError('config-invalid', `rain gauge: ${faults.join('; ')}`)
    this.#mmPerTip = mmPerTip
    this.#offsetMs = utcOffsetMinutes * MINUTE_MS
    this.#slotMs = windowMs / SLOTS
  }

  /**
   * Takes a reading.
   * @param tips since the reading before; null when it cannot be said, as for the first one
   */
  add(timeMs: number, tips: number | null): RainReport {
    const isFirst = this.#lastMs === undefined
    const isContinuous =
      this.#lastMs !== undefined && timeMs >= this.#lastMs && timeMs - this.#lastMs <= this.#slotMs * SLOTS
    const known = tips !== null && tips >= 0 && Number.isFinite(tips) ? tips : null
    this.#lastMs = timeMs
    const day = this.#dayOf(timeMs)
    if (known === null) day.unknown += isFirst ? 0 : 1
    else day.tips += known
    if (known === null || !isContinuous) this.#restartRate(timeMs)
    else this.#addToRate(timeMs, known)
    return { rateMmPerHour: this.#rate(timeMs), todayMm: day.tips * this.#mmPerTip, unknownToday: day.unknown }
  }

  #dayOf(timeMs: number): { tips: number; unknown: number } {
    const number = Math.floor((timeMs + this.#offsetMs) / DAY_MS)
    if (this.#day?.number !== number) this.#day = { number, tips: 0, unknown: 0 }
    return this.#day
  }

  /** When tips fell that came before this is not known well enough for a rate. */
  #restartRate(timeMs: number): void {
    this.#slots = []
    this.#knownSinceMs = timeMs
  }

  #addToRate(timeMs: number, tips: number): void {
    const slot = Math.floor(timeMs / this.#slotMs)
    this.#slots = this.#slots.filter((old) => old.slot > slot - SLOTS)
    const newest = this.#slots.at(-1)
    if (newest?.slot === slot) newest.tips += tips
    else this.#slots.push({ slot, tips })
  }

  #rate(timeMs: number): number | null {
    const windowMs = this.#slotMs * SLOTS
    if (timeMs - this.#knownSinceMs < windowMs) return null
    const slot = Math.floor(timeMs / this.#slotMs)
    const tips = this.#slots.reduce((sum, old) => (old.slot > slot - SLOTS ? sum + old.tips : sum), 0)
    return (tips * this.#mmPerTip * HOUR_MS) / windowMs
  }
}
