/** What a command says to the station that runs in a folder, and what it answers: one line of JSON each, over a socket in that folder. */
import { errorLine, FieldproofError, fieldproofErrorOf } from '@fieldproof/sdk/base'
import { z } from 'zod'
import type { ValveReading } from '../../board/ports.ts'

/** Longest line, in bytes. */
export const MAX_LINE_BYTES = 4_096

/** What can be asked for. Seconds, as people give them: the station's own maximum is the station's to know. */
export type ControlRequest =
  | { readonly command: 'open'; readonly forSeconds: number }
  | { readonly command: 'close' }
  | { readonly command: 'status' }

/** What the board read back, or why it did not: a code of this or of a newer version. */
export type ControlAnswer =
  | { readonly valve: ValveReading }
  | { readonly error: { readonly code: string; readonly detail: string } }

const REQUEST: z.ZodType<ControlRequest> = z.discriminatedUnion('command', [
  z.strictObject({ command: z.literal('open'), forSeconds: z.int().min(1) }),
  z.strictObject({ command: z.literal('close') }),
  z.strictObject({ command: z.literal('status') }),
])
const ANSWER: z.ZodType<ControlAnswer> = z.union([
  z.strictObject({
    valve: z.strictObject({
      isOpen: z.boolean(),
      remainingMs: z.int().min(0),
      state: z.enum(['never-opened', 'closed-by-host', 'time-over', 'closed-by-reset', 'open']),
    }),
  }),
  z.strictObject({ error: z.strictObject({ code: z.string(), detail: z.string() }) }),
])
const MAX_DETAIL = 500

/** @throws FieldproofError `request-invalid` */
export function parseRequest(line: string): ControlRequest {
  const parsed = REQUEST.safeParse(jsonOf(line))
  if (parsed.success) return parsed.data
  throw new FieldproofError('request-invalid', `the station does not know this request: ${faultOf(parsed.error)}`)
}

/** @throws FieldproofError `message-invalid` */
export function parseAnswer(line: string): ControlAnswer {
  const parsed = ANSWER.safeParse(jsonOf(line))
  if (parsed.success) return parsed.data
  throw new FieldproofError('message-invalid', 'what the station answered is no answer: is it of another version?')
}

/** An answer for whatever was thrown. What nobody foresaw may have changed the valve, so it counts as a failed command. */
export function errorAnswer(error: unknown): ControlAnswer {
  const code = fieldproofErrorOf(error)?.code ?? 'command-failed'
  const text = errorLine(error)
  const detail = text.startsWith(`${code}: `) ? text.slice(code.length + 2) : text
  return { error: { code, detail: detail.slice(0, MAX_DETAIL) } }
}

/** A message as it is sent. */
export function lineOf(message: ControlRequest | ControlAnswer): string {
  return `${JSON.stringify(message)}\n`
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined // which no schema takes
  }
}

function faultOf({ issues }: z.ZodError): string {
  const [issue] = issues
  return issue === undefined ? 'want JSON' : `${issue.path.join('.') || 'all of it'}: ${issue.message}`
}
