/**
 * The one error class of Fieldproof. Facts are fields, the sentence is for people, the code is for programs: match on
 * `code`, never on `message`. The registry of codes is `codes.ts`; its prose is schemas/errors.md.
 */
import { CODES, type Code, type Fault, type Retry } from './codes.ts'

/** Where the page of a code lives, relative to the repository. */
const DOCS = 'schemas/errors.md#'

/** Facts that an error carries. Values are public: never put a secret, a key or a credential here. */
export type Facts = Readonly<Record<string, string | number | bigint | boolean | null>>

/** Every error that Fieldproof throws on purpose. */
export class FieldproofError extends Error {
  override readonly name = 'FieldproofError'
  /** Stable name, e.g. `not-deterministic`. */
  readonly code: Code
  /** Stable number of the code; what a refusal carries on the wire. */
  readonly number: number
  /** Whose fault it is: `caller`, `peer`, `operator` or `us`. */
  readonly fault: Fault
  /** What to do with the same input: `retry`, `repair` it first, or `final`. */
  readonly retry: Retry
  readonly facts: Facts
  /** Page of the code in the documentation. */
  readonly docs: string

  constructor(code: Code, detail: string, options: { facts?: Facts; cause?: unknown } = {}) {
    super(`${code}: ${detail}`, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    ;[this.number, this.fault, this.retry] = CODES[code]
    this.facts = options.facts ?? {}
    this.docs = DOCS + code
  }
}

/**
 * The FieldproofError in `error` or its cause chain.
 * @returns undefined when there is none
 */
export function fieldproofErrorOf(error: unknown): FieldproofError | undefined {
  for (let e = error, depth = 0; e instanceof Error && depth < 16; e = e.cause, depth++) {
    if (e instanceof FieldproofError) return e
  }
  return undefined
}

/** One line for a log or a terminal, whatever was thrown. */
export function errorLine(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
