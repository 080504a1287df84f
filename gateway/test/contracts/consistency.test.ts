import { keccak256 } from 'viem'
import { beforeAll, describe, expect, it } from 'vitest'
import { anchorLogAbi } from '../../src/anchor/abi.ts'
import { Contract } from './contract.ts'
import { account, artifact, Evm, type Hex } from './evm.ts'
import { hashNode, ReferenceTree, shape } from './reference-tree.ts'

const LARGEST = 40n
const appender = account(0x02)
const tree = new ReferenceTree()

let evm: Evm
let log: Contract<typeof anchorLogAbi>
/** Size -> id of a log that stands at that size of `tree`. */
const logAt = new Map<bigint, Hex>()

/** A new log, by an owner of its own, brought to a size. */
async function logOf(owner: Hex, source: ReferenceTree, size: bigint): Promise<Hex> {
  await log.send(owner, 'create', [source.root(1n), appender])
  const id = await log.read('logIdOf', [owner, source.root(1n)])
  if (size > 1n) await log.send(appender, 'append', [id, size, source.root(size), source.consistency(1n, size)])
  return id
}

function accepts(from: bigint, to: bigint, root: Hex, proof: Hex[]): Promise<boolean> {
  return log.accepts(appender, 'append', [logAt.get(from)!, to, root, proof])
}

function* pairs(largest: bigint): Generator<[bigint, bigint]> {
  for (let older = 1n; older < largest; older++) {
    for (let newer = older + 1n; newer <= largest; newer++) yield [older, newer]
  }
}

function flip(hash: Hex, bit: number): Hex {
  return `0x${(BigInt(hash) ^ (1n << BigInt(bit))).toString(16).padStart(64, '0')}`
}

beforeAll(async () => {
  evm = await Evm.create()
  log = new Contract(evm, anchorLogAbi, artifact('AnchorLog').abi, await evm.deploy(artifact('AnchorLog')))
  for (let size = 1n; size <= LARGEST; size++) logAt.set(size, await logOf(account(Number(size)), tree, size))
})

describe('consistency proof', () => {
  it('is accepted for every pair of sizes up to 40', async () => {
    const refused: string[] = []
    for (const [older, newer] of pairs(LARGEST)) {
      const proof = tree.consistency(older, newer)
      if (!(await accepts(older, newer, tree.root(newer), proof))) refused.push(`${older} -> ${newer}`)
    }
    expect(refused).toEqual([])
  })

  it('is accepted up to the largest size that the contract can count', async () => {
    const equal = new ReferenceTree(true)
    const last = 2n ** 64n - 1n
    const steps = [1n, 2n ** 20n - 1n, 2n ** 20n, 2n ** 63n + 1n, last - 1n, last]
    const id = await logOf(account(0xfe), equal, 1n)
    for (const [i, to] of steps.slice(1).entries()) {
      await log.send(appender, 'append', [id, to, equal.root(to), equal.consistency(steps[i]!, to)])
    }
    expect((await log.read('head', [id]))[1]).toBe(last)
  })

  it('is refused with one bit of any node or of the root changed', async () => {
    const accepted: string[] = []
    for (const [older, newer] of pairs(20n)) {
      const proof = tree.consistency(older, newer)
      for (const [i, node] of [...proof, tree.root(newer)].entries()) {
        const bit = Number((older * 31n + newer * 7n + BigInt(i) * 13n) % 256n)
        const nodes = proof.with(Math.min(i, proof.length - 1), i < proof.length ? flip(node, bit) : proof.at(-1)!)
        const root = i < proof.length ? tree.root(newer) : flip(node, bit)
        if (await accepts(older, newer, root, nodes)) accepted.push(`${older} -> ${newer}, node ${i}, bit ${bit}`)
      }
    }
    expect(accepted).toEqual([])
  })

  it('is refused with a node missing, doubled or added at either end', async () => {
    const accepted: string[] = []
    const extra = keccak256('0x')
    for (const [older, newer] of pairs(20n)) {
      const proof = tree.consistency(older, newer)
      const variants = [
        [],
        ...proof.map((_, i) => proof.toSpliced(i, 1)),
        ...proof.map((node, i) => proof.toSpliced(i, 0, node)),
        [...proof, extra],
        [extra, ...proof],
        [tree.root(older), ...proof],
        [...proof, tree.root(newer)],
      ]
      for (const [i, variant] of variants.entries()) {
        if (await accepts(older, newer, tree.root(newer), variant)) accepted.push(`${older} -> ${newer}, variant ${i}`)
      }
    }
    expect(accepted).toEqual([])
  })

  it('is refused when it begins inside the older tree and goes on past its root', async () => {
    // Leaf 5 opened out of the subtree of leaves 4 and 5: the older root comes out right, one node too late, and the
    // newer root hides a forged subtree where leaf 5 stood. Only "sn is 0, so stop" (step 6a) catches it.
    const forged = keccak256('0x')
    const [four, five, left] = [tree.node(4n, 5n), tree.node(5n, 6n), tree.node(0n, 4n)]
    expect(hashNode(left, hashNode(four, five))).toBe(tree.root(6n))
    const root = hashNode(left, hashNode(four, hashNode(five, forged)))
    for (const size of [7n, 8n]) {
      expect(await accepts(6n, size, root, [five, forged, four, left])).toBe(false)
    }
  })

  it('is refused with two neighbouring nodes exchanged', async () => {
    const accepted: string[] = []
    for (const [older, newer] of pairs(24n)) {
      const proof = tree.consistency(older, newer)
      for (let i = 0; i + 1 < proof.length; i++) {
        const exchanged = proof.with(i, proof[i + 1]!).with(i + 1, proof[i]!)
        if (await accepts(older, newer, tree.root(newer), exchanged)) accepted.push(`${older} -> ${newer}, node ${i}`)
      }
    }
    expect(accepted).toEqual([])
  })

  it('holds for another newer size only where that size has the same shape', async () => {
    const wrong: string[] = []
    let sameShape = 0
    for (const [older, newer] of pairs(12n)) {
      const proof = tree.consistency(older, newer)
      for (let claimed = older + 1n; claimed <= 20n; claimed++) {
        const same = shape(older, claimed) === shape(older, newer)
        if (same && claimed !== newer) sameShape++
        if ((await accepts(older, claimed, tree.root(newer), proof)) !== same)
          wrong.push(`${older} -> ${newer} as ${claimed}`)
      }
    }
    expect(wrong).toEqual([])
    expect(sameShape).toBeGreaterThan(0)
  })

  it('is refused for the root of another tree of the same sizes', async () => {
    const other = new ReferenceTree(true)
    for (const [older, newer] of pairs(10n)) {
      expect(await accepts(older, newer, other.root(newer), other.consistency(older, newer))).toBe(false)
    }
  })
})
