/**
 * Cup anemometer: a reed contact at the board's second counter. Speeds come from the board's own milliseconds, so a host that asks
 * late makes no wind. A closure a second is 0.667 m/s, which is why a gust is taken over 3 s and not over one sample.
 */
import { FieldproofError } from '@fieldproof/sdk/base'
import type { BoardSession, Measurement, StartedSensor } from '../board/ports.ts'
import { type CounterSample, counterDelta, cupSpeed, SPARKFUN_MPS_PER_HERTZ, WindWindow } from '../derive/index.ts'
import type { SensorDefinition } from '../station/definition.ts'
import { COUNTER, counterSample } from './counter-memory.ts'

/** Options of {@link anemometer}. */
export interface AnemometerOptions {
  /** Wind at one closure a second; default 0.66667 m/s (SparkFun SEN-15901). */
  readonly metresPerSecondPerHz?: number
  /** Closest two closures, µs; default 2000. */
  readonly debounceUs?: number
}

/** What {@link anemometer} measures. */
export type WindQuantity = 'pulses' | 'speed' | 'gust'

const DEBOUNCE_US = 2000
/** So much of the time before a row belongs to gusts that end in it. */
const GUST_MS = 3000
/** A closure in the first moments of a session would be a storm: no mean over less than this. */
const SHORTEST_MEAN_MS = 1000
/** Samples that are closer than this are one (derive/wind.ts wants 250 ms). */
const SHORTEST_MS = 250

/**
 * An anemometer at D3, to be sampled every second. `speed` is the mean since the row before, or null for less than a second; `gust` the highest mean over 3 s that ended
 * since then; null when it was not sampled at least every 3 s. Wind from before a session is nobody's.
 */
export function anemometer(options: AnemometerOptions = {}): SensorDefinition<WindQuantity> {
  return {
    part: {
      title: 'Cup anemometer',
      wires: [
        { terminal: 'contact 1', pin: 'D3' },
        { terminal: 'contact 2', pin: 'GND' },
      ],
      notes: [
        "In SparkFun's kit it plugs into the wind vane; of the four wires of their common plug the two inner ones are this contact.",
      ],
    },
    quantities: {
      pulses: { unit: 'count', decimals: 0 },
      speed: { unit: 'm/s', decimals: 2 },
      gust: { unit: 'm/s', decimals: 2 },
    },
    driver: { start: (session) => start(session, options) },
  }
}

/** A count, as seen from the row that was kept last. */
interface Point {
  /** Board's ms since that row; negative before it. */
  readonly ms: number
  /** Pulses since that row; negative before it. */
  readonly pulses: number
}

async function start(session: BoardSession, options: AnemometerOptions): Promise<StartedSensor<WindQuantity>> {
  const { metresPerSecondPerHz = SPARKFUN_MPS_PER_HERTZ, debounceUs = DEBOUNCE_US } = options
  const look = async (): Promise<CounterSample> => counterSample(session, await session.counters(), COUNTER.wind)
  await session.setDebounce(COUNTER.wind, debounceUs)
  let row = await look()
  await session.check() // nothing is counted from a number that may be garbled
  /** In order: the last seconds before the row, the row itself, and what was sampled since. */
  let points: readonly Point[] = [{ ms: 0, pulses: 0 }]

  const pointOf = (sample: CounterSample): Point | null => {
    const delta = counterDelta(row, sample, debounceUs / 1000)
    return delta && { ms: delta.elapsedMs, pulses: delta.pulses }
  }
  return {
    sample: async () => {
      const sample = await look()
      return () => {
        const point = pointOf(sample)
        if (point !== null) points = withPoint(points, point)
      }
    },
    read: async (): Promise<Measurement<WindQuantity>> => {
      const now = await look()
      const end = pointOf(now)
      if (end === null)
        throw new FieldproofError('sensor-invalid', 'the wind counter went back, or on faster than it can')
      const all = withPoint(points, end)
      const speed = end.ms < SHORTEST_MEAN_MS ? null : cupSpeed(end.pulses, end.ms, metresPerSecondPerHz)
      return {
        values: { pulses: end.pulses, speed, gust: gustOf(all, metresPerSecondPerHz) },
        commit: () => {
          row = now
          const seenFromHere = all.map(({ ms, pulses }) => ({ ms: ms - end.ms, pulses: pulses - end.pulses }))
          const first = seenFromHere.findLastIndex(({ ms }) => ms <= -GUST_MS)
          points = seenFromHere.slice(Math.max(0, first))
        },
      }
    },
  }
}

function withPoint(points: readonly Point[], point: Point): readonly Point[] {
  return [...points.filter(({ ms }) => ms <= point.ms - SHORTEST_MS), point]
}

/** The highest mean over 3 s that ended after the row before. */
function gustOf(points: readonly Point[], metresPerSecondPerHz: number): number | null {
  const window = new WindWindow({ leastCover: 0 })
  for (const [i, { ms, pulses }] of points.entries()) {
    const before = points[i - 1]
    const lengthMs = before === undefined ? 0 : ms - before.ms
    const speed = before === undefined ? null : cupSpeed(pulses - before.pulses, lengthMs, metresPerSecondPerHz)
    if (speed !== null) window.add({ timeMs: ms, lengthMs, speed, degrees: null })
  }
  return window.report(points.at(-1)?.ms ?? 0).gust
}
