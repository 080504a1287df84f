/**
 * What an appender may offer to AnchorLog as the next head, true or false in one chosen way, and whether it is true. Truth is
 * judged by the leaves, not by the proof: an offer is true when one sequence of leaves has the old root and the new one.
 */
import fc from 'fast-check'
import type { Hex } from 'viem'
import { type ReferenceTree, shape } from './reference-tree.ts'

/** Largest size that the contract can count. */
export const LARGEST: bigint = 2n ** 64n - 1n

/** Every way to be wrong, and none. */
export const LIES = [
  'none',
  'size',
  'older size',
  'root bit',
  'node bit',
  'drop',
  'double',
  'add',
  'add before',
  'older root before',
  'swap',
  'empty',
  'other from',
  'other to',
  'rewrite',
  'other log',
] as const

/** How an offer is wrong. */
export type Lie = (typeof LIES)[number]

/** Numbers that say what to offer; the tree that they apply to is known only when they are used. */
export interface Wish {
  readonly lie: Lie
  readonly growth: { readonly by: bigint } | { readonly toPower: number; readonly plus: bigint }
  /** Chooses nodes, leaves and sizes. */
  readonly pick: bigint
  readonly bit: number
}

/** All wishes; mostly small steps and true ones. */
export const wishes: fc.Arbitrary<Wish> = fc.record({
  lie: fc.oneof(
    { weight: 3, arbitrary: fc.constant('none' as const) },
    { weight: 4, arbitrary: fc.constantFrom(...LIES) },
  ),
  growth: fc.oneof(
    { weight: 12, arbitrary: fc.record({ by: fc.bigInt(1n, 40n) }) },
    { weight: 3, arbitrary: fc.record({ toPower: fc.integer({ min: 1, max: 40 }), plus: fc.bigInt(-3n, 3n) }) },
    { weight: 1, arbitrary: fc.record({ toPower: fc.integer({ min: 32, max: 64 }), plus: fc.bigInt(-3n, 3n) }) },
  ),
  pick: fc.bigInt(0n, LARGEST),
  bit: fc.nat(255),
})

/** A head and its proof, and where they come from. */
export interface Offer {
  readonly lie: Lie
  readonly size: bigint
  readonly root: Hex
  readonly proof: readonly Hex[]
  /** Leaves from which the offer was made; they go on from the older tree unless the lie is about them. */
  readonly tree: ReferenceTree
  /** Size at which `root` was taken from `tree`; the offer counts right when it is `size`. */
  readonly rootSize: bigint
}

const clamp = (size: bigint) => (size < 0n ? 0n : size > LARGEST ? LARGEST : size)

function grown(size: bigint, growth: Wish['growth']): bigint {
  const to = 'by' in growth ? size + growth.by : 2n ** BigInt(growth.toPower) + growth.plus
  return clamp(to > size ? to : size + 1n)
}

/** The offer that a wish makes of a log that stands at `size` of `tree`. `other` is another log's tree. */
export function offerOf(wish: Wish, size: bigint, tree: ReferenceTree, other: ReferenceTree, mark: string): Offer {
  const { lie, pick, bit } = wish
  const to = grown(size, wish.growth)
  const anySize = (from: bigint) => from + (pick % 3n === 0n ? pick % (LARGEST - from + 1n) : pick % 12n)
  const source = sourceOf(wish, size, to, tree, other, mark)
  const proof = source.consistency(size, to)
  const honest = { lie, size: to, root: source.root(to), proof, tree: source, rootSize: to }
  const at = proof.length === 0 ? 0 : Number(pick % BigInt(proof.length))
  const node = proof[at] ?? honest.root
  const edited: Partial<Record<Lie, Hex[]>> = {
    'node bit': proof.map((old, i) => (i === at ? flip(old, bit) : old)),
    drop: proof.toSpliced(at, 1),
    double: proof.toSpliced(at, 0, node),
    add: [...proof, flip(node, bit)],
    'add before': [flip(node, bit), ...proof],
    'older root before': [source.root(size), ...proof],
    swap: [...proof.slice(0, at), ...proof.slice(at, at + 2).reverse(), ...proof.slice(at + 2)],
    empty: [],
    'other from': source.consistency(clamp(1n + (pick % size)), to),
    'other to': source.consistency(size, clamp(anySize(size))),
  }
  if (lie === 'size') return { ...honest, size: clamp(anySize(clamp(size + 1n))) }
  if (lie === 'older size') return { ...honest, size: pick % (size + 1n) }
  if (lie === 'root bit') return { ...honest, root: flip(honest.root, bit) }
  return { ...honest, proof: edited[lie] ?? proof }
}

/** Leaves that go on from `tree` with one new leaf marked; or, for two of the lies, leaves that do not go on from it. */
function sourceOf(
  { lie, pick }: Wish,
  size: bigint,
  to: bigint,
  tree: ReferenceTree,
  other: ReferenceTree,
  mark: string,
): ReferenceTree {
  if (lie === 'other log') return other
  if (lie === 'rewrite') return tree.with(pick % size, mark)
  return to > size ? tree.with(size + (pick % (to - size)), mark) : tree
}

/** Whether an offer extends the leaves behind (`size`, `root`); a wrong size of the same shape passes, see AnchorLog. */
export function isExtension(
  { size: to, root: newRoot, proof, tree, rootSize }: Offer,
  size: bigint,
  root: Hex,
): boolean {
  return (
    to > size &&
    rootSize > size &&
    tree.root(size) === root &&
    tree.root(rootSize) === newRoot &&
    tree.consistency(size, rootSize).join() === proof.join() &&
    shape(size, to) === shape(size, rootSize)
  )
}

function flip(hash: Hex, bit: number): Hex {
  return `0x${(BigInt(hash) ^ (1n << BigInt(bit))).toString(16).padStart(64, '0')}`
}
