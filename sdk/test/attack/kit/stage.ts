/** One honest field, one honest bundle of it, and the judge of what somebody made of them. */
import { FieldproofError, fromHex } from '../../../src/base/index.ts'
import type { Report } from '../../../src/verify/index.ts'
import type { ChainFacts } from './chain.ts'
import { type AnchoredBundle, type Field, type LoggedBatch, makeField } from './field.ts'
import { firstFault, judge } from './sample.ts'

/** What came of a bundle. */
export interface Judged {
  readonly verdict: Report['verdict']
  /** The first required check that did not pass, with its code; `none` when all did. */
  readonly fault: string
  readonly report: Report
}

/** Where bad input is tried. */
export interface Stage {
  readonly field: Field
  /** Proves row 1 of batch 0. */
  readonly bundle: AnchoredBundle
  batchAt(i: number): LoggedBatch
  verdictOf(bytes: Uint8Array, facts?: ChainFacts): Promise<Judged>
}

export async function makeStage(): Promise<Stage> {
  const field = await makeField()
  return {
    field,
    bundle: field.bundle([[0, [1]]]),
    batchAt: (i) => {
      const found = field.batches[i]
      if (found === undefined) throw new Error(`no batch ${i}`)
      return found
    },
    verdictOf: async (bytes, facts = field.facts) => {
      const report = await judge(bytes, { facts, trust: { registry: fromHex(field.facts.registry), chainId: 31_337 } })
      return { verdict: report.verdict, fault: firstFault(report), report }
    },
  }
}

/** Code that `task` throws, or `accepted`; what is not coded goes through. */
export async function codeOf(task: () => unknown): Promise<string> {
  try {
    await task()
    return 'accepted'
  } catch (error) {
    if (error instanceof FieldproofError) return error.code
    throw error
  }
}
