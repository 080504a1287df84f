/**
 * Events as lines: one line an event, for people or (JSON) for programs. What repeats is said once an hour with its count: a cable that is
 * out makes a hundred attempts an hour, and the journal is on the same card as the rows.
 */
import { printable, printableJson } from '@fieldproof/sdk/cli'
import type { Clock, Reading } from '@fieldproof/sdk/machine'
import type { AnyEvent } from './station-process.ts'

/** How much an event matters. */
export type Level = 'debug' | 'info' | 'warn' | 'error'

const LEVELS: Partial<Record<AnyEvent['event'], Level>> = {
  'rows-journalled': 'debug',
  row: 'debug',
  'batch-published': 'debug',
  'rows-dropped': 'error',
  'batch-refused': 'error',
  'receipt-rejected': 'warn',
  'message-rejected': 'warn',
  'history-adopted': 'warn',
  'link-down': 'warn',
  fault: 'error',
  'row-lost': 'error',
  'board-down': 'warn',
  'board-unreachable': 'warn',
  'fault-begins': 'warn',
  'fault-goes-on': 'warn',
  'lines-lost': 'error',
  'notice-lost': 'warn',
  'control-off': 'error',
  'stop-late': 'error',
}

const REPEAT_MS = 3_600_000

/** Options of {@link eventLines}. */
export interface EventLinesOptions {
  readonly json: boolean
  /** Whether rows, and what happens with every batch, are shown too. */
  readonly verbose: boolean
  readonly clock: Clock
  readonly print: (line: string) => void
}

/** A listener that prints. */
export function eventLines({ json, verbose, clock, print }: EventLinesOptions): (event: AnyEvent) => void {
  const said = new Map<string, { readonly sinceMs: number; more: number }>()
  return (event) => {
    const level = LEVELS[event.event] ?? 'info'
    if (level === 'debug' && !verbose) return
    const key = level === 'warn' || level === 'error' ? keyOf(event) : null
    const before = key === null ? undefined : said.get(key)
    if (before !== undefined && clock.monotonicMs() - before.sinceMs < REPEAT_MS) {
      before.more++
      return
    }
    if (key !== null) said.set(key, { sinceMs: clock.monotonicMs(), more: 0 })
    const repeats = before === undefined || before.more === 0 ? {} : { repeats: before.more }
    const time = new Date(clock.now()).toISOString()
    const facts = { ...factsOf(event), ...repeats }
    if (json) print(printableJson({ time, level, ...facts }))
    else
      print(
        sentence(time, event.event === 'row' ? { ...facts, reading: undefined, ...shortened(event.reading) } : facts),
      )
  }
}

/** A row's own time is another than that of the line. */
function factsOf(event: AnyEvent): Readonly<Record<string, unknown>> & { readonly event: string } {
  if (event.event !== 'row') return { ...event }
  const { event: name, stream, time, epoch, reading, quality } = event
  return { event: name, stream, rowTime: new Date(time).toISOString(), epoch, reading, flags: quality?.packed ?? null }
}

/** Values as people read them; the digits that are signed are those of `fieldproof rows`. */
function shortened(reading: Reading): Readonly<Record<string, unknown>> {
  const entries = Object.entries(reading).map(([name, value]) => {
    return [name, typeof value === 'number' ? Number(value.toFixed(3)) : value]
  })
  return Object.fromEntries(entries)
}

/** What makes two events the same: what happened, to what, why. Numbers and sentences differ. */
function keyOf(event: AnyEvent): string {
  const facts: Readonly<Record<string, unknown>> = { ...event }
  return [facts['event'], facts['subject'], facts['code'], facts['stream'], facts['topic']].join(' ')
}

function sentence(
  time: string,
  { event, ...facts }: Readonly<Record<string, unknown>> & { readonly event: string },
): string {
  const said = Object.entries(facts).filter(([, value]) => value !== undefined)
  const parts = said.map(([name, value]) => `${name}=${value === null ? '-' : oneWord(value)}`)
  return [time, event, ...parts].join(' ')
}

/** A machine or a broker chooses some of these texts: what could pass for another line is quoted. */
function oneWord(value: unknown): string {
  const text = typeof value === 'object' && value !== null ? printableJson(value) : String(value)
  return /^[\x21-\x7e]*$/.test(text) ? text : printable(JSON.stringify(text))
}
