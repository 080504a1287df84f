/**
 * A report is one verdict and every check with its reason. Decoding throws; verification reports: a check that throws a
 * coded error has failed, unless the error says that the node could not be asked.
 */
import { type Code, FieldproofError, fieldproofErrorOf } from '../base/index.ts'

/** What a verifier checks, in this order (schemas/spec/07-bundle.md). */
export const CHECKS = {
  bundle: 'The file is whole and well formed',
  keys: 'Each statement names the key that the file brings for it',
  signatures: "The machine's key signed each statement",
  definitions: 'Each stream definition is the one that was signed',
  rows: 'Each row is in the batch that was signed',
  log: 'Each statement is at its place in one and the same log',
  chain: 'The proof is of the chain that you trust',
  contracts: 'The registry that you trust names the anchor contract',
  enrolment: "The registry holds the machine's key, in force when the log was anchored",
  home: "The log is the machine's home log",
  anchor: 'The contract accepted exactly this log head',
  final: 'The block that shows it is final, or one that you named',
  beacon: 'The block that the machine named before it signed is canonical',
} as const

/** Name of a check. */
export type CheckId = keyof typeof CHECKS

/** `unchecked`: the check could not be made, because the node did not answer or an earlier check failed. */
export type CheckStatus = 'pass' | 'fail' | 'unchecked'

/** Result of one check. */
export interface Check {
  readonly id: CheckId
  readonly title: string
  readonly status: CheckStatus
  /** Whether the verdict needs it. */
  readonly required: boolean
  /** What was seen, or why not, for people. */
  readonly reason: string
  /** Code of the error when it did not pass. */
  readonly code?: Code
}

/** `pass` only if every required check passed; `fail` if one failed; else `unchecked`. */
export type Verdict = CheckStatus

/** The errors that mean "could not ask", not "is wrong". */
const COULD_NOT_ASK: readonly Code[] = ['rpc-failed', 'rpc-invalid']

/** Thrown by a check that has nothing to look at: neither good nor wrong. */
export class Unchecked extends Error {}

/** Runs checks in order and keeps what came of each. */
export class Checklist {
  readonly #checks: Check[] = []
  #stopped = false

  /** Results, with the checks that were never reached as `unchecked`. */
  results(): readonly Check[] {
    const missing = (Object.keys(CHECKS) as CheckId[]).slice(this.#checks.length)
    return [
      ...this.#checks,
      ...missing.map((id) => checkOf(id, 'unchecked', 'not reached: an earlier check did not pass')),
    ]
  }

  /** Verdict over all required checks. */
  verdict(): Verdict {
    const required = this.results().filter((check) => check.required)
    if (required.some((check) => check.status === 'fail')) return 'fail'
    return required.every((check) => check.status === 'pass') ? 'pass' : 'unchecked'
  }

  /**
   * Runs one check, unless an earlier one stopped the list.
   * @param task returns the reason why it passed, or throws a coded error
   */
  async run(id: CheckId, task: () => string | Promise<string>): Promise<void> {
    if (this.#stopped) return
    try {
      this.#checks.push(checkOf(id, 'pass', await task()))
    } catch (error) {
      if (error instanceof Unchecked) {
        this.#checks.push(checkOf(id, 'unchecked', error.message))
        this.#stopped = isRequired(id)
        return
      }
      const known = fieldproofErrorOf(error)
      if (known === undefined) throw error // a bug of ours must not look like a forged proof
      const status = COULD_NOT_ASK.includes(known.code) ? 'unchecked' : 'fail'
      this.#checks.push(checkOf(id, status, known.message, known.code))
      this.#stopped = isRequired(id)
    }
  }
}

function checkOf(id: CheckId, status: CheckStatus, reason: string, code?: Code): Check {
  return { id, title: CHECKS[id], status, required: isRequired(id), reason, ...(code && { code }) }
}

/** The beacon only narrows the window: without it the proof holds and its lower bound is unverified. */
function isRequired(id: CheckId): boolean {
  return id !== 'beacon'
}

/** Throws the error of a failed check. */
export function refuse(code: Code, why: string): never {
  throw new FieldproofError(code, why)
}
