/**
 * CBOR as a tree that can be edited, apart from the product's reader and writer. A byte string that holds an item is a
 * branch too, so edits reach into statements, rows and paths. What it writes is deterministic but for `raw` nodes.
 */

/** One item. */
export type Tree =
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'bytes' | 'text' | 'raw'; readonly bytes: Uint8Array }
  | { readonly kind: 'array' | 'map' | 'inside'; readonly items: readonly Tree[] }
  | { readonly kind: 'tag'; readonly number: number; readonly items: readonly Tree[] }

/** An item that is not a leaf. Keys and values of a map stand in turn; `inside` is a byte string around one item. */
export type Branch = Extract<Tree, { readonly items: readonly Tree[] }>

/** Where an item stands: positions from the root down. */
export type Path = readonly number[]

const MAX_DEPTH = 24

export const int = (value: number): Tree => ({ kind: 'int', value })
export const bytes = (value: Uint8Array): Tree => ({ kind: 'bytes', bytes: value })
export const raw = (...value: number[]): Tree => ({ kind: 'raw', bytes: Uint8Array.from(value) })

export function isBranch(tree: Tree): tree is Branch {
  return 'items' in tree
}

/** The tree of deterministic bytes, or undefined when they are not one item. */
export function parseTree(input: Uint8Array): Tree | undefined {
  const read = readTree(input, 0, 0)
  return read !== undefined && read.end === input.length ? read.tree : undefined
}

interface Read {
  readonly tree: Tree
  readonly end: number
}

function readTree(input: Uint8Array, start: number, depth: number): Read | undefined {
  const head = input[start]
  if (head === undefined || depth > MAX_DEPTH) return undefined
  const major = head >> 5
  const width = (head & 31) < 24 ? 0 : 1 << ((head & 31) - 24)
  if ((head & 31) > 27 || start + 1 + width > input.length) return undefined
  let argument = width === 0 ? head & 31 : 0
  for (let i = 1; i <= width; i++) argument = argument * 256 + (input[start + i] ?? 0)
  const from = start + 1 + width
  if (major === 7 || argument > Number.MAX_SAFE_INTEGER - 1) {
    return { tree: { kind: 'raw', bytes: input.slice(start, from) }, end: from }
  }
  if (major < 2) return { tree: int(major === 0 ? argument : -1 - argument), end: from }
  if (major < 4) return readString(input, from, argument, major === 2, depth)
  return readItems(input, from, argument, major, depth)
}

function readString(
  input: Uint8Array,
  from: number,
  length: number,
  isBytes: boolean,
  depth: number,
): Read | undefined {
  const end = from + length
  if (end > input.length) return undefined
  const content = input.slice(from, end)
  if (!isBytes) return { tree: { kind: 'text', bytes: content }, end }
  const inner = length > 1 ? readTree(content, 0, depth + 1) : undefined
  const holds = inner !== undefined && inner.end === length && isBranch(inner.tree) && inner.tree.kind !== 'inside'
  return { tree: holds ? { kind: 'inside', items: [inner.tree] } : bytes(content), end }
}

function readItems(input: Uint8Array, from: number, argument: number, major: number, depth: number): Read | undefined {
  const count = major === 4 ? argument : major === 5 ? argument * 2 : 1
  if (count > input.length - from) return undefined
  const items: Tree[] = []
  let at = from
  for (let i = 0; i < count; i++) {
    const read = readTree(input, at, depth + 1)
    if (read === undefined) return undefined
    items.push(read.tree)
    at = read.end
  }
  if (major === 6) return { tree: { kind: 'tag', number: argument, items }, end: at }
  return { tree: { kind: major === 4 ? 'array' : 'map', items }, end: at }
}

/** Bytes of a tree. */
export function writeTree(tree: Tree): Uint8Array {
  const chunks: Uint8Array[] = []
  write(tree, chunks)
  return Buffer.concat(chunks)
}

function write(tree: Tree, out: Uint8Array[]): void {
  if (tree.kind === 'int') out.push(headOf(tree.value < 0 ? 1 : 0, tree.value < 0 ? -1 - tree.value : tree.value))
  else if (tree.kind === 'raw') out.push(tree.bytes)
  else if (!isBranch(tree)) out.push(headOf(tree.kind === 'bytes' ? 2 : 3, tree.bytes.length), tree.bytes)
  else if (tree.kind === 'inside') {
    const content = Buffer.concat(tree.items.map(writeTree))
    out.push(headOf(2, content.length), content)
  } else {
    const { length } = tree.items
    if (tree.kind === 'tag') out.push(headOf(6, tree.number))
    else out.push(tree.kind === 'array' ? headOf(4, length) : headOf(5, length >> 1))
    for (const item of tree.items) write(item, out)
  }
}

/** A head of the shortest form, or of `width` bytes behind the first. */
export function headOf(major: number, argument: number, width?: 0 | 1 | 2 | 4 | 8): Uint8Array {
  const size = width ?? (argument < 24 ? 0 : argument < 0x100 ? 1 : argument < 0x10000 ? 2 : argument < 2 ** 32 ? 4 : 8)
  const head = new Uint8Array(1 + size)
  head[0] = (major << 5) | (size === 0 ? argument : 24 + Math.log2(size))
  let rest = argument
  for (let i = size; i > 0; i--) {
    head[i] = rest % 256
    rest = Math.floor(rest / 256)
  }
  return head
}

/** The item at a path. */
export function at(root: Tree, path: Path): Tree {
  return path.reduce((tree, i) => (isBranch(tree) ? (tree.items[i] ?? tree) : tree), root)
}

/** Paths of all items but the root. */
export function pathsOf(root: Tree, prefix: Path = []): Path[] {
  if (!isBranch(root)) return []
  return root.items.flatMap((item, i) => [[...prefix, i], ...pathsOf(item, [...prefix, i])])
}

/** The tree with the items of the branch at `path` changed. */
export function withItems(root: Tree, path: Path, change: (items: readonly Tree[]) => readonly Tree[]): Tree {
  if (!isBranch(root)) return root
  const [first, ...rest] = path
  if (first === undefined) return { ...root, items: change(root.items) }
  return { ...root, items: root.items.map((item, i) => (i === first ? withItems(item, rest, change) : item)) }
}

/** The tree with the item at `path` replaced by none, one or more others. */
export function replaced(root: Tree, path: Path, ...others: readonly Tree[]): Tree {
  const last = path.at(-1)
  if (last === undefined) return others[0] ?? root
  return withItems(root, path.slice(0, -1), (items) => [...items.slice(0, last), ...others, ...items.slice(last + 1)])
}
