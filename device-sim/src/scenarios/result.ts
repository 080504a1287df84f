/** What came of a scenario, as one JSON document, and what a person wants to read of it. */
import { HEALTH } from '@fieldproof/sdk/machine'
import { type FalseValue, judge, type Verdict } from '../lab/judge/judge.ts'
import { virtualTimes } from '../lab/judge/row-times.ts'
import type { LabRecord } from '../lab/station-lab.ts'
import type { Expectation, Scenario, SignedFault } from './scenario.ts'

/** A scenario's result. */
export interface ScenarioResult {
  readonly scenario: string
  readonly station: string
  readonly seed: number
  /** No false row, every expected fault signed, and recovered in time. */
  readonly ok: boolean
  readonly virtualMs: number
  readonly rows: {
    readonly signed: number
    readonly false: number
    /** Of the false ones, those with a value that was said again. */
    readonly stale: number
    /** Pulses of rain or flow that are in no row. */
    readonly lost: number
    readonly health: number
    readonly batches: number
  }
  readonly faults: readonly SignedFault[]
  /** Connections to the board. */
  readonly epochs: number
  /** Longest time from a mending to the next row, virtual ms; null when nothing was mended. */
  readonly recoveredMs: number | null
  /** Why it is not ok. */
  readonly findings: readonly string[]
}

const SHOWN = 8

/** Judges what a lab has left behind. */
export function resultOf({ name, station, expect }: Scenario, seed: number, record: LabRecord): ScenarioResult {
  const verdict = judge(record)
  const faults = signedFaults(record)
  const recoveries = record.mendedMs.map((ms) => recoveryMs(record, verdict, ms, expect.recoverColumn))
  const findings = [
    ...falseFindings(verdict.falseValues),
    ...countFindings(record, verdict, expect),
    ...faultFindings(faults, expect),
    ...recoveries.flatMap((took) => {
      if (took === null) return ['no row came after it was mended']
      return expect.recoverMs !== null && took > expect.recoverMs
        ? [`recovered after ${took} ms, want ${expect.recoverMs}`]
        : []
    }),
    ...record.machineFaults.map((fault) => `machine: ${fault}`),
    ...(expect.also?.(record, verdict) ?? []),
  ]
  const known = recoveries.flatMap((took) => (took === null ? [] : [took]))
  return {
    ...{ scenario: name, station, seed, ok: findings.length === 0, virtualMs: record.virtualMs },
    rows: {
      ...{ signed: verdict.signed, false: verdict.falseRows, stale: verdict.staleRows, lost: verdict.lost },
      health: record.rows.filter(({ stream }) => stream === HEALTH.name).length,
      batches: record.batches.length,
    },
    faults,
    epochs: record.events.filter(({ event }) => event === 'board-up').length,
    recoveredMs: known.length === 0 ? null : Math.max(...known),
    findings,
  }
}

/** Faults that stand in signed health rows. */
export function signedFaults(record: LabRecord): readonly SignedFault[] {
  const rows = record.rows.filter(({ stream, values }) => stream === HEALTH.name && values['subject'] !== null)
  const times = virtualTimes(
    rows.map(({ time }) => time),
    record.startMs,
    record.wallSteps,
    Number.POSITIVE_INFINITY,
  )
  const faults: { subject: string; code: string; begins: number; ends: number | null }[] = []
  for (const [i, { values }] of rows.entries()) {
    const subject = String(values['subject'])
    const code = String(values['state'])
    const ms = times[i] ?? 0
    const standing = faults.findLast((fault) => fault.subject === subject)
    if (standing !== undefined) standing.ends ??= ms
    if (code !== 'ok') faults.push({ subject, code, begins: ms, ends: null })
  }
  return faults
}

function recoveryMs(
  record: LabRecord,
  { rowsMs }: Verdict,
  mendedMs: number,
  column: string | undefined,
): number | null {
  const [stream] = Object.keys(record.station.streams)
  const rows = record.rows.filter((row) => row.stream === stream)
  const at = rowsMs.findIndex((ms, i) => ms > mendedMs && (column === undefined || rows[i]?.values[column] !== null))
  return at < 0 ? null : (rowsMs[at] ?? mendedMs) - mendedMs
}

function falseFindings(values: readonly FalseValue[]): string[] {
  const shown = values.slice(0, SHOWN).map(({ ms, column, value, isStale }) => {
    return `false: ${column} ${String(value)} at ${ms} ms${isStale ? ', said again' : ''}`
  })
  return values.length > SHOWN ? [...shown, `false: ${values.length - SHOWN} more`] : shown
}

function countFindings(record: LabRecord, verdict: Verdict, { rows }: Expectation): string[] {
  const [stream] = Object.keys(record.station.streams)
  const recorded = record.events.filter((one) => one.event === 'row' && one.stream === stream).length
  const lost = record.events.flatMap((one) => (one.event === 'row-lost' ? [`row lost: ${one.code} ${one.detail}`] : []))
  return [
    ...(verdict.isComplete ? [] : ['the parts have forgotten what they said first']),
    ...(verdict.signed < rows ? [`${verdict.signed} rows, want ${rows}`] : []),
    ...(recorded !== verdict.signed ? [`${recorded} rows were recorded and ${verdict.signed} signed`] : []),
    ...(verdict.lostWithoutReset > 0 ? [`${verdict.lostWithoutReset} pulses lost while the board ran through`] : []),
    ...lost,
  ]
}

function faultFindings(faults: readonly SignedFault[], { faults: expected, mayAlso = [] }: Expectation): string[] {
  const missing = expected.flatMap(({ subject, code, ends = true }) => {
    const found = faults.filter((fault) => fault.subject === subject && fault.code === code)
    const last = found.at(-1)
    if (last === undefined) return [`no signed fault ${subject}: ${code}`]
    return ends === (last.ends !== null)
      ? []
      : [`${subject}: ${code} ${ends ? 'still stands' : 'does not stand any more'}`]
  })
  const known = [...expected, ...mayAlso]
  const unexpected = faults.filter(
    (fault) => !known.some((one) => one.subject === fault.subject && one.code === fault.code),
  )
  return [
    ...missing,
    ...unexpected.map(({ subject, code, begins }) => `unexpected: ${subject}: ${code} at ${begins} ms`),
  ]
}
