/** What happened, for people: a line for each thing that was done and each thing that the station said, rows only counted. */
import { printable } from '@fieldproof/sdk/cli'
import type { LabRecord, TimedEvent } from '../lab/station-lab.ts'

/** Lines in the order of virtual time. */
export function journalOf({ events, notes, virtualMs }: LabRecord): readonly string[] {
  const said = events.flatMap((event) => {
    const text = textOf(event)
    return text === null ? [] : [{ ms: event.ms, text }]
  })
  const done = notes.map(({ ms, text }) => ({ ms, text: `>> ${text}` }))
  const all = [...done, ...said].sort((a, b) => a.ms - b.ms)
  const rowsMs = events.flatMap(({ event, ms }) => (event === 'row' ? [ms] : []))
  const rowsBetween = (fromMs: number, toMs: number): number => rowsMs.filter((ms) => ms >= fromMs && ms < toMs).length
  return all.flatMap(({ ms, text }, i) => {
    const rows = rowsBetween(ms, all[i + 1]?.ms ?? virtualMs + 1)
    return [journalLine(ms, text), ...(rows > 0 ? [journalLine(ms, `   ${rows} row${rows === 1 ? '' : 's'}`)] : [])]
  })
}

/** A line of a journal. */
export function journalLine(ms: number, text: string): string {
  return `${(ms / 1000).toFixed(1).padStart(7)} s  ${text}`
}

function textOf(event: TimedEvent): string | null {
  if (event.event === 'row') return null
  if (event.event === 'board-up') return `board up, connection ${event.epoch}: ${printable(event.firmware.name)}`
  if ('retryMs' in event) {
    return `${event.event.replace('-', ' ')}: ${event.code}, again in ${event.retryMs} ms`
  }
  if (event.event === 'row-lost') return `row lost: ${event.code}`
  return `${event.event.replaceAll('-', ' ')}: ${event.subject}: ${event.code}`
}
