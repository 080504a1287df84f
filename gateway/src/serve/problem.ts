/** Errors over HTTP: the same codes as everywhere, in JSON (RFC 9457 media type). */
import { type Code, FieldproofError, fieldproofErrorOf } from '@fieldproof/sdk/base'
import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { z } from 'zod'

/** Status of the codes that a request can bring about; anything else is our fault. */
const STATUS: Partial<Record<Code, ContentfulStatusCode>> = {
  'not-found': 404,
  'not-anchored-yet': 404,
  'state-unavailable': 404,
  'request-invalid': 400,
  'topic-invalid': 400,
  'hex-invalid': 400,
  'key-invalid': 400,
  'tile-invalid': 404,
  'tree-range': 404,
  'enrol-refused': 403,
  'too-large': 413,
  'rate-limited': 429,
  'gateway-busy': 503,
  'rpc-failed': 502,
  'rpc-invalid': 502,
  'transaction-failed': 502,
  'deadline-passed': 504,
}

/** What nodes of the chain say is theirs, and no business of the public: an error of theirs can quote anything. */
const OF_THE_NODE: readonly Code[] = [
  'rpc-failed',
  'rpc-invalid',
  'transaction-failed',
  'contract-missing',
  'chain-mismatch',
]

/** Whether an answer leaves out what the operator has to know. */
export function isOperators(error: unknown): boolean {
  const known = fieldproofErrorOf(error)
  return known === undefined || OF_THE_NODE.includes(known.code)
}

/** Answers with an error. What is not ours to explain is said without its details. */
export function problem(context: Context, error: unknown): Response {
  const known = fieldproofErrorOf(error)
  const status = known === undefined ? 500 : (STATUS[known.code] ?? 500)
  const body = { code: known?.code ?? 'internal', detail: detailOf(known), docs: known?.docs ?? null, status }
  return context.body(JSON.stringify(body), status, { 'content-type': 'application/problem+json' })
}

function detailOf(known: FieldproofError | undefined): string {
  if (known === undefined) return 'the gateway failed; its log says more'
  if (OF_THE_NODE.includes(known.code)) return 'the gateway could not ask its chain; its log says more'
  return known.message.slice(known.code.length + 2)
}

/**
 * The value, if it fits its schema.
 * @throws FieldproofError `request-invalid` naming every fault
 */
export function readRequest<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const faults = result.error.issues.map(({ path, message }) => `${path.join('.') || 'request'}: ${message}`)
  throw new FieldproofError('request-invalid', faults.join('; '))
}
