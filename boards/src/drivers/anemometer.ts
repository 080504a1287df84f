/**
 * Cup anemometer: a reed contact that closes once or twice a turn, at the board's second counter. Speeds come from the board's own
 * milliseconds. A contact every second is 0.667 m/s, so a gust is taken over 3 s, as WMO-No. 8 (part I, 5.8.3) has it.
 */
import { FieldproofError } from '@fieldproof/sdk/base'
import type { BoardSession, Measurement, StartedSensor } from '../board/ports.ts'
import type { SensorDefinition } from '../station/definition.ts'
import { COUNTER, type CountPoint, countBetween, countPoint } from './counter-memory.ts'

/** Options of {@link anemometer}. */
export interface AnemometerOptions {
  /** Wind at one closure a second; default 0.66667 m/s (SparkFun SEN-15901: 1.492 mph). */
  readonly metresPerSecondPerHz?: number
  /** Closest two closures, µs; default 2000. */
  readonly debounceUs?: number
}

/** Default of {@link AnemometerOptions.metresPerSecondPerHz}. */
export const METRES_PER_SECOND_PER_HZ: number = 2 / 3
const DEBOUNCE_US = 2000
const GUST_MS = 3000
/** Samples are asked for by a host that is not exact; a window this far from 3 s is none. */
const GUST_SLACK_MS = 1000

/** What {@link anemometer} measures. */
export type WindQuantity = 'pulses' | 'speed' | 'gust'

/**
 * An anemometer at D3, to be sampled every second. `speed` is the mean since the row before, `gust` the highest mean over 3 s that
 * ended since then; null until there is one. Wind of the time before a session is nobody's.
 */
export function anemometer(options: AnemometerOptions = {}): SensorDefinition<WindQuantity> {
  return {
    part: {
      title: 'Cup anemometer',
      wires: [
        { terminal: 'contact 1', pin: 'D3' },
        { terminal: 'contact 2', pin: 'GND' },
      ],
      notes: ['In SparkFun\'s kit it plugs into the wind vane, whose plug then has four wires: the two inner ones are this contact.'],
    },
    quantities: {
      pulses: { unit: 'count', decimals: 0 },
      speed: { unit: 'm/s', decimals: 2 },
      gust: { unit: 'm/s', decimals: 2 },
    },
    driver: { start: (session) => start(session, options) },
  }
}

/** A count, as seen from the last row that was kept. */
interface Point {
  /** Board's ms since that row; negative before it. */
  readonly ms: number
  /** Pulses since that row; negative before it. */
  readonly pulses: number
}

async function start(session: BoardSession, options: AnemometerOptions): Promise<StartedSensor<WindQuantity>> {
  const { metresPerSecondPerHz = METRES_PER_SECOND_PER_HZ, debounceUs = DEBOUNCE_US } = options
  const look = async (): Promise<CountPoint> => countPoint(session, await session.counters(), COUNTER.wind)
  await session.setDebounce(COUNTER.wind, debounceUs)
  let row = await look()
  await session.check() // nothing is counted from a number that may be garbled
  /** Of this row so far, and the last seconds of the one before; in order. */
  let points: readonly Point[] = [{ ms: 0, pulses: 0 }]

  const speedBetween = (from: Point, to: Point): number | null =>
    to.ms > from.ms ? ((to.pulses - from.pulses) * 1000 * metresPerSecondPerHz) / (to.ms - from.ms) : null
  const gustAt = (end: Point, all: readonly Point[]): number | null => {
    const begin = nearest(all, end.ms - GUST_MS)
    return begin === undefined ? null : speedBetween(begin, end)
  }
  const sinceRow = (now: CountPoint): Point | null => {
    const counted = countBetween(row, now)
    return counted && { ms: counted.elapsedMs, pulses: counted.pulses }
  }
  return {
    sample: async () => {
      const now = await look()
      return () => {
        const point = sinceRow(now)
        if (point !== null) points = [...points, point]
      }
    },
    read: async (): Promise<Measurement<WindQuantity>> => {
      const now = await look()
      const end = sinceRow(now)
      if (end === null) throw new FieldproofError('sensor-invalid', 'the wind counter went back')
      const all = [...points, end]
      const gusts = all.flatMap((point) => (point.ms > 0 ? (gustAt(point, all) ?? []) : []))
      return {
        values: {
          pulses: end.pulses,
          speed: speedBetween({ ms: 0, pulses: 0 }, end),
          gust: gusts.length > 0 ? Math.max(...gusts) : null,
        },
        commit: () => {
          row = now
          points = all
            .map(({ ms, pulses }) => ({ ms: ms - end.ms, pulses: pulses - end.pulses }))
            .filter(({ ms }) => ms >= -GUST_MS - GUST_SLACK_MS)
        },
      }
    },
  }
}

/** The point nearest to a moment, within the slack. */
function nearest(points: readonly Point[], ms: number): Point | undefined {
  const off = (point: Point): number => Math.abs(point.ms - ms)
  const near = points.filter((point) => off(point) <= GUST_SLACK_MS)
  return near.length === 0 ? undefined : near.reduce((best, point) => (off(point) < off(best) ? point : best))
}
