/** What was signed of the valve, held against its pin. An error claims nothing; open, closed and time-over do. */
import type { LabRecord } from '../station-lab.ts'
import type { FalseValue } from './judge.ts'
import { virtualTimes } from './row-times.ts'

const STREAM = 'actuations'
/** An answer takes at most this long. */
const ANSWER_MS = 600
/** That its time is over may be heard with a later answer: at the next heartbeat or row. */
const LATE_MS = 6_000

/** Rows of the valve that say what the pin did not do. */
export function falseActuations(record: LabRecord): readonly FalseValue[] {
  const turns = record.bench.irrigation?.valve.turns() ?? []
  const rows = record.rows.filter(({ stream }) => stream === STREAM)
  const walls = rows.map(({ time }) => time)
  const times = virtualTimes(walls, record.startMs, record.wallSteps, Number.POSITIVE_INFINITY)
  return rows.flatMap(({ values }, i) => {
    const ms = (times[i] ?? 0) + 1
    const fromMs = ms - ANSWER_MS
    const closes = turns.map(({ openedMs, closedMs = Number.POSITIVE_INFINITY }) => ({ openedMs, closedMs }))
    const isTrue = {
      open: closes.some(({ openedMs, closedMs }) => openedMs <= ms && closedMs >= fromMs),
      closed: !closes.some(({ openedMs, closedMs }) => openedMs <= fromMs && closedMs >= ms),
      'time-over': closes.some(({ closedMs }) => closedMs <= ms && closedMs >= ms - LATE_MS),
    }[String(values['outcome'])]
    return isTrue === false ? [{ ms, column: STREAM, value: values['outcome'], isStale: false }] : []
  })
}
