/** What the command says: JSON lines for programs, one readable line an event for people. Secrets never reach it. */
import { pino } from 'pino'
import type { GatewayEvent, GatewayListener } from '../ingest/events.ts'

/** Fields that are hidden wherever they turn up: no event has one, and a mistake shall not show it. */
const REDACTED = ['privateKey', 'password', 'secret', 'rpcUrl', '*.privateKey', '*.password', '*.secret', '*.rpcUrl']

type Level = 'info' | 'warn' | 'error' | 'fatal'

const LEVELS: Partial<Record<GatewayEvent['event'], Level>> = {
  refused: 'warn',
  branch: 'warn',
  'anchor-reorg': 'warn',
  fork: 'error',
  fault: 'error',
  fatal: 'fatal',
}

/** Writes events to standard output. @param json one JSON object a line */
export function eventLog(
  json: boolean,
  write: (line: string) => void = (line) => process.stdout.write(line),
): GatewayListener {
  if (!json) return (event) => write(`${new Date().toISOString()} ${sentence(event)}\n`)
  const log = pino(
    {
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: REDACTED, censor: '[hidden]' },
      formatters: { level: (level) => ({ level }) },
    },
    { write },
  )
  return (event) => log[LEVELS[event.event] ?? 'info'](event)
}

function sentence({ event, ...facts }: GatewayEvent): string {
  const parts = Object.entries(facts).map(
    ([name, value]) => `${name}=${oneWord(Array.isArray(value) ? value.join(',') : String(value))}`,
  )
  return [event, ...parts].join(' ')
}

/** A machine chooses its topics and texts: what could pass for another line, or for a command to the terminal, is quoted. */
function oneWord(text: string): string {
  if (/^[\x21-\x7e]*$/.test(text)) return text
  return JSON.stringify(text).replace(/[^\x20-\x7e]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
