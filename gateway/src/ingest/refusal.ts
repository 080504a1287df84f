/** From an error to what a machine is told: one of the refusals of errors 1 to 99, with a detail for people. */
import { type Code, type FieldproofError, fieldproofErrorOf, type Hash32 } from '@fieldproof/sdk/base'
import type { ReceiptMessage } from '@fieldproof/sdk/wire'

/** What is said of a message that is not accepted. */
export interface Refused {
  readonly number: number
  readonly code: Code
  readonly detail: string
}

const FIRST_OTHER_CODE = 100
const MALFORMED = 2
/** Longest detail that a receipt message carries. */
const MAX_DETAIL = 1024

/**
 * The refusal that an error means: codes of refusals as they are, a format's own codes as `malformed`.
 * @returns undefined for an error that is not the message's fault
 */
export function refusalOf(error: unknown): Refused | undefined {
  const known = fieldproofErrorOf(error)
  if (known === undefined) return undefined
  if (known.number < FIRST_OTHER_CODE) return { number: known.number, code: known.code, detail: detailOf(known) }
  if (known.fault !== 'peer' && known.fault !== 'caller') return undefined
  return { number: MALFORMED, code: 'malformed', detail: known.message.slice(0, MAX_DETAIL) }
}

/** The refusal as it travels. @param digest SHA-256 of the message that is refused */
export function refusalMessage(digest: Hash32, { number, code, detail }: Refused): ReceiptMessage {
  return { kind: 'refused', message: digest, number, code, detail }
}

function detailOf(error: FieldproofError): string {
  return error.message.slice(error.code.length + 2, MAX_DETAIL)
}
