/** Edits of RLP, written by @ethereumjs/rlp, and of its lengths. */
import { type NestedUint8Array, RLP } from '@ethereumjs/rlp'
import type { Random } from './random.ts'

type Item = Uint8Array | NestedUint8Array

/** One edit of one item, or undefined when the bytes are no RLP. */
export function randomRlpEdit(bytes: Uint8Array, random: Random): Uint8Array | undefined {
  let item: Item
  try {
    item = RLP.decode(bytes)
  } catch {
    return undefined // damaged before: there is no structure to edit
  }
  return RLP.encode(edited(item, random))
}

function edited(item: Item, random: Random): Item {
  if (item instanceof Uint8Array) return changed(item, random)
  if (item.length === 0 || random.below(10) === 0) return changed(item, random)
  const at = random.below(item.length)
  const inner = item[at] ?? new Uint8Array(0)
  const how = random.below(6)
  if (how === 0) return item.filter((_, i) => i !== at)
  if (how === 1) return [...item.slice(0, at), inner, ...item.slice(at)]
  if (how === 2) return item.map((one, i) => (i === at ? (random.pick(item) ?? one) : one))
  return item.map((one, i) => (i === at ? edited(inner, random) : one))
}

function changed(item: Item, random: Random): Item {
  const how = random.below(6)
  if (how === 0) return [item]
  if (how === 1) return []
  if (how === 2) return random.bytes(random.below(70))
  if (!(item instanceof Uint8Array)) return new Uint8Array(random.below(40))
  if (how === 3) return item.subarray(1)
  if (how === 4) return Buffer.concat([Uint8Array.of(0), item])
  return item.map((byte, i) => (i === random.below(item.length) ? byte ^ (1 << random.below(8)) : byte))
}
