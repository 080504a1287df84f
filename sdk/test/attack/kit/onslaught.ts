/** Kinds of attack on every sample, counted. */
import { expect } from 'vitest'
import { isBranch, parseTree, type Tree } from '../../fuzz/cbor-tree.ts'
import { allSamples, bodyOf, fileOf, type Sample } from './sample.ts'
import { type Tally, tallyOf } from './tally.ts'
import { Truth } from './truth.ts'

/** Every sample under attack. */
export class Onslaught {
  readonly samples: readonly Sample[]
  /** Mutants that were tried, by kind of attack. */
  readonly mutants: Record<string, number> = {}
  readonly #truth: Truth

  private constructor(samples: readonly Sample[]) {
    this.samples = samples
    this.#truth = new Truth(samples)
  }

  static async prepare(): Promise<Onslaught> {
    return new Onslaught(await allSamples())
  }

  /** Runs one kind of attack on every sample; returns how many mutants were only a smaller truth. */
  async attack(kind: string, filesOf: (sample: Sample) => Iterable<Uint8Array>): Promise<number> {
    const tallies: Tally[] = []
    for (const sample of this.samples) tallies.push(await tallyOf(sample, filesOf(sample), this.#truth))
    this.mutants[kind] = tallies.reduce((sum, tally) => sum + tally.refused + tally.stillTrue, 0)
    expect(tallies.flatMap((tally) => tally.wrong)).toEqual([])
    expect(tallies.every((tally) => tally.refused > 0)).toBe(true)
    return tallies.reduce((sum, tally) => sum + tally.stillTrue, 0)
  }

  /** One line for the log of a test run. */
  summary(): string {
    const total = Object.values(this.mutants).reduce((sum, count) => sum + count, 0)
    return `${total} mutants of ${this.samples.length} bundles: ${JSON.stringify(this.mutants)}`
  }
}

/** Tree of a sample's body. */
export function treeOf(file: Uint8Array): Tree {
  const tree = parseTree(bodyOf(file))
  if (tree === undefined) throw new Error('a sample is one item')
  return tree
}

/** Rows of a sample. */
export function rowCount(file: Uint8Array): number {
  const tree = treeOf(file)
  const rows = isBranch(tree) ? tree.items[4] : undefined
  return rows !== undefined && isBranch(rows) ? rows.items.length : 0
}

/** Files of bodies, each with a digest that fits. */
export function* filesOf(bodies: Iterable<Uint8Array>): Generator<Uint8Array> {
  for (const body of bodies) yield fileOf(body)
}
