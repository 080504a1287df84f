/** Edits of one item of a CBOR tree, as an attacker would try them: all of them, or one drawn by chance. */
import {
  at,
  bytes,
  int,
  isBranch,
  type Path,
  pathsOf,
  raw,
  replaced,
  type Tree,
  withItems,
  writeTree,
} from './cbor-tree.ts'
import type { Random } from './random.ts'

const NULL = raw(0xf6)
const text = (value: string): Tree => ({ kind: 'text', bytes: new TextEncoder().encode(value) })

/** Values of every type that stand where another was meant. */
export const STRANGERS: readonly Tree[] = [
  NULL,
  int(0),
  int(-1),
  int(1),
  int(Number.MAX_SAFE_INTEGER),
  raw(0xf5),
  bytes(new Uint8Array(0)),
  bytes(Uint8Array.of(0)),
  text(''),
  text('a'),
  { kind: 'array', items: [] },
  { kind: 'map', items: [] },
]

/** Items that no deterministic encoding has. */
export const IMPROPER: readonly Tree[] = [
  raw(0xf7), // undefined
  raw(0xf9, 0x3c, 0x00), // 1.0
  raw(0xfb, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0),
  raw(0x18, 0x01), // 1 in two bytes
  raw(0x1b, 0, 0, 0, 0, 0, 0, 0, 1),
  raw(0x1b, 0x00, 0x20, 0, 0, 0, 0, 0, 0), // 2^53
  raw(0x1b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
  raw(0x3b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
  raw(0x5a, 0xff, 0xff, 0xff, 0xff), // 4 GiB of bytes
  raw(0x7b, 0x80, 0, 0, 0, 0, 0, 0, 0), // 2^63 bytes of text
  raw(0x9a, 0xff, 0xff, 0xff, 0xff),
  raw(0x9b, 0x80, 0, 0, 0, 0, 0, 0, 0),
  raw(0xba, 0xff, 0xff, 0xff, 0xff),
  raw(0xbb, 0x80, 0, 0, 0, 0, 0, 0, 0),
  raw(0x9f, 0x01, 0xff), // an array of indefinite length
  raw(0xbf, 0xff),
  raw(0x5f, 0x41, 0x00, 0xff),
  raw(0x7f, 0xff),
  raw(0xc0, 0x60), // a tag
  raw(0xd2, 0x80),
  raw(0xd8, 0x40, 0x41, 0x00), // a typed array, which some decoders make something else of
  raw(0xc2, 0x41, 0x01), // a bignum
  raw(0xa2, 0x01, 0x00, 0x01, 0x00), // a key twice
  raw(0xa2, 0x02, 0x00, 0x01, 0x00), // keys not sorted
  raw(0x62, 0xc0, 0x80), // overlong UTF-8
  raw(0x63, 0xed, 0xa0, 0x80), // a surrogate
  raw(0x61, 0xff),
  raw(0xff),
  raw(0x1c),
]

/** What a leaf may become beside a stranger: one more, one less, shorter, longer, empty of content. */
export function neighboursOf(leaf: Tree): Tree[] {
  if (leaf.kind === 'int') return [int(leaf.value + 1), int(leaf.value - 1), int(-leaf.value), int(leaf.value * 256)]
  if (leaf.kind !== 'bytes' && leaf.kind !== 'text') return []
  const { kind, bytes: content } = leaf
  const longer = new Uint8Array([...content, 0x61])
  return [content.subarray(1), content.subarray(0, -1), longer, new Uint8Array(content.length)].map((changed) => ({
    kind,
    bytes: changed,
  }))
}

/** Every single edit of a tree: delete, double, exchange with each sibling, replace. */
export function* editsOf(root: Tree): Generator<Tree> {
  yield* STRANGERS
  for (const path of pathsOf(root)) {
    const own = at(root, path)
    const parent = at(root, path.slice(0, -1))
    yield replaced(root, path)
    yield replaced(root, path, own, own)
    for (const other of [...STRANGERS, ...neighboursOf(own), ...(isBranch(own) ? reshaped(own) : [])]) {
      yield replaced(root, path, other)
    }
    if (isBranch(parent)) yield* amongSiblings(root, path, parent.items)
  }
}

function reshaped(own: Extract<Tree, { items: readonly Tree[] }>): Tree[] {
  const reversed = { ...own, items: [...own.items].reverse() }
  return [reversed, bytes(writeTree(own)), { kind: 'array', items: [own] }]
}

function* amongSiblings(root: Tree, path: Path, siblings: readonly Tree[]): Generator<Tree> {
  const own = path.at(-1) ?? 0
  for (const [i, sibling] of siblings.entries()) {
    if (i === own) continue
    yield replaced(root, path, sibling)
    if (i < own) continue
    yield withItems(root, path.slice(0, -1), (items) =>
      items.map((item, j) => (j === own ? sibling : j === i ? (items[own] ?? item) : item)),
    )
  }
}

/** One edit drawn by chance; `donors` lend parts of other inputs. */
export function randomEdit(root: Tree, donors: readonly Tree[], random: Random): Tree {
  const paths = pathsOf(root)
  const path = random.pick(paths) ?? []
  const own = at(root, path)
  const how = random.below(10)
  if (how === 0) return replaced(root, path)
  if (how === 1) return replaced(root, path, own, own)
  if (how === 2) return replaced(root, path, at(root, random.pick(paths) ?? []))
  if (how === 3) return replaced(root, path, random.pick(STRANGERS) ?? NULL)
  if (how === 4) return replaced(root, path, random.pick(IMPROPER) ?? NULL)
  if (how <= 6) return replaced(root, path, random.pick(neighboursOf(own)) ?? NULL)
  if (how === 7) return replaced(root, path, own, ...manyOf(own, random))
  if (how === 8) return replaced(root, path, fresh(own, random))
  const donor = random.pick(donors) ?? root
  return replaced(root, path, at(donor, random.pick(pathsOf(donor)) ?? []))
}

/** Copies that fill a list up to and over its limit, now and then. */
function manyOf(own: Tree, random: Random): Tree[] {
  return Array.from({ length: random.below(20) === 0 ? random.below(300) : random.below(4) }, () => own)
}

function fresh(own: Tree, random: Random): Tree {
  if (own.kind === 'bytes') return bytes(random.bytes(own.bytes.length))
  if (own.kind === 'text') return { kind: 'text', bytes: random.bytes(random.below(8)) }
  return int(random.integer())
}
