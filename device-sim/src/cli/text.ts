/** Results as a person reads them. */
import type { JobRow } from '../lab/index.ts'
import type { Played, ScenarioResult, ValveKillResult } from '../scenarios/index.ts'

/** A scenario that was played: what happened, then what came of it. */
export function playedText({ result, journal }: Played): string {
  const verdict = 'rows' in result ? scenarioText(result) : valveText(result)
  return [`${result.scenario}, seed ${result.seed}`, ...journal, ...verdict, ''].join('\n')
}

/** A row in one line; what is missing is left out. */
export function rowText({ stream, time, values }: JobRow): string {
  const said = Object.entries(values).flatMap(([name, value]) => (value === null ? [] : [`${name} ${String(value)}`]))
  return `${new Date(time).toISOString()} ${stream}: ${said.join(', ')}`
}

function scenarioText({ ok, rows, faults, epochs, recoveredMs, findings }: ScenarioResult): string[] {
  const counts = [
    `${rows.signed} rows signed in ${rows.batches} batches`,
    `${rows.false} false, ${rows.stale} of them old values`,
    `${rows.lost} pulses lost with the board`,
    `${new Set(faults.map(({ subject, code }) => `${subject}: ${code}`)).size} kinds of fault signed`,
    `${epochs} connection${epochs === 1 ? '' : 's'}`,
    ...(recoveredMs === null ? [] : [`recovered within ${seconds(recoveredMs)}`]),
  ]
  return [`${ok ? 'ok' : 'NOT OK'}: ${counts.join('; ')}`, ...findings.map((finding) => `  ${finding}`)]
}

function valveText({ ok, openedMs, closedMs, killedMs, maxMs, findings }: ValveKillResult): string[] {
  const open = openedMs === null || closedMs === null ? 'never opened and closed' : `open for ${closedMs - openedMs} ms`
  const after = closedMs === null ? '' : `, closed ${seconds(closedMs - killedMs)} after the process was killed`
  return [
    `${ok ? 'ok' : 'NOT OK'}: pin ${open} of at most ${maxMs}${after}`,
    ...findings.map((finding) => `  ${finding}`),
  ]
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
