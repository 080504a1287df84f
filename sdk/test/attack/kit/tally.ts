/** Judges many mutants of one sample, and keeps what came of them. */
import { decode } from 'cborg'
import { toHex } from '../../../src/base/index.ts'
import { nativeHash } from '../../../src/native/index.ts'
import { bodyOf, judge, type Sample } from './sample.ts'
import type { Truth } from './truth.ts'

/** Outcome of many mutants; `wrong` holds the first few that were not refused, as hex. */
export interface Tally {
  readonly refused: number
  /** Mutants that say only what is true, such as a bundle with a row less. */
  readonly stillTrue: number
  readonly wrong: readonly string[]
}

const SHOWN = 5

/**
 * Verifies every mutant against the sample's chain. Anything but `fail` is wrong, an exception too; bytes that were judged
 * before and the sample's own are left out, and a pass is right only for what is true.
 */
export async function tallyOf(sample: Sample, files: Iterable<Uint8Array>, truth?: Truth): Promise<Tally> {
  let refused = 0
  let stillTrue = 0
  const wrong: string[] = []
  const judged = new Set<string>([nameOf(sample.bytes)])
  for (const file of files) {
    const name = nameOf(file)
    if (judged.has(name)) continue
    judged.add(name)
    const verdict = await judge(file, sample).then(
      (report) => report.verdict,
      (error: unknown) => `threw ${String(error)}`,
    )
    if (verdict === 'fail') refused += 1
    else if (verdict === 'unchecked' && sample.facts === null && namesTransaction(file)) refused += 1
    else if (verdict === 'pass' && truth?.holds(bodyOf(file)) === true) stillTrue += 1
    else if (wrong.length < SHOWN) wrong.push(`${sample.name}: ${verdict}: ${toHex(file)}`)
  }
  return { refused, stillTrue, wrong }
}

function nameOf(file: Uint8Array): string {
  return Buffer.from(nativeHash.sha256(file)).toString('latin1')
}

/** A transaction is unchecked where no node is asked: that is no "fail", and no "pass". */
function namesTransaction(file: Uint8Array): boolean {
  const body = decode(bodyOf(file)) as readonly (readonly unknown[])[]
  return typeof body[5]?.[3] === 'number'
}
