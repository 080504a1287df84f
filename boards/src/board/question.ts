/** What comes from a board, and what it answers. */
import type { FieldproofError } from '@fieldproof/sdk/base'
import type { FirmataReport, Reply } from '../protocol/index.ts'

/** A message of the board, decoded. `raw` is a whole Firmata message that the codec leaves to others. */
export type Incoming =
  | Reply
  | Exclude<FirmataReport, { kind: 'other' }>
  | { readonly kind: 'raw'; readonly bytes: Uint8Array }

/** A question: what is sent, and which message answers it. */
export interface Question<T> {
  readonly bytes: Uint8Array
  /** The answer in a message, or undefined when it is none. @throws FieldproofError a refusal, which ends the question too */
  readonly answer: (message: Incoming) => T | undefined
  readonly waitMs: number
  /** What it means that no answer came in time. */
  readonly silent: () => FieldproofError
}
