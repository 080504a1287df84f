/** Parts of one bundle in another: what an attacker does who has collected many valid files. */
import { inclusionPathLength } from '../../../src/merkle/index.ts'
import { at, bytes, int, isBranch, type Path, pathsOf, replaced, type Tree } from '../../fuzz/cbor-tree.ts'

/** Items of a bundle's body, by position. */
const PART = { keys: 1, definitions: 2, statements: 3, rows: 4, anchor: 5 } as const
/** Items of a statement, and of a row. */
const STATEMENT = { bytes: 0, key: 1, definition: 2, logIndex: 3, logPath: 4 } as const
const ROW = { statement: 0, index: 1, input: 2, path: 3 } as const
/** Item of an anchor by transaction: the log's size. */
const SIZE = 2

/** Every mutant that has one part of the donor: whole lists, entries, their items, and leaves of another kind. */
export function* crossingsOf(host: Tree, donor: Tree): Generator<Tree> {
  for (const part of Object.values(PART)) yield replaced(host, [part], at(donor, [part]))
  for (const list of [PART.keys, PART.definitions, PART.statements, PART.rows]) {
    for (const place of entries(host, [list])) {
      for (const other of entries(donor, [list])) {
        yield replaced(host, place, at(donor, other))
        yield* itemwise(host, place, donor, other)
      }
      // One more beside it, before and behind.
      for (const other of entries(donor, [list])) {
        yield replaced(host, place, at(host, place), at(donor, other))
        yield replaced(host, place, at(donor, other), at(host, place))
      }
    }
  }
  yield* itemwise(host, [PART.anchor], donor, [PART.anchor])
  yield* confusions(host, donor)
}

/** Items of an entry: bytes, places, and each node of a path or of a trie. */
function* itemwise(host: Tree, place: Path, donor: Tree, other: Path): Generator<Tree> {
  for (const item of entries(host, place)) {
    const theirs = [...other, item.at(-1) ?? 0]
    yield replaced(host, item, at(donor, theirs))
    for (const node of entries(host, item)) {
      for (const foreign of entries(donor, theirs)) yield replaced(host, node, at(donor, foreign))
    }
  }
}

/** Leaves offered as another kind: every byte string of the donor as a row, as a statement, as a definition, as a key. */
function* confusions(host: Tree, donor: Tree): Generator<Tree> {
  const strings = pathsOf(donor)
    .map((path) => at(donor, path))
    .filter((item) => item.kind === 'bytes' || item.kind === 'inside')
  const nodes = strings.flatMap((item) => (item.kind === 'bytes' && item.bytes.length === 32 ? [item.bytes] : []))
  const pairs = nodes.slice(1).map((node, i) => bytes(Buffer.concat([nodes[i] ?? node, node])))
  const places = [
    ...entries(host, [PART.keys]),
    ...entries(host, [PART.definitions]),
    ...entries(host, [PART.statements]).map((path) => [...path, STATEMENT.bytes]),
    ...entries(host, [PART.rows]).map((path) => [...path, ROW.input]),
  ]
  for (const place of places) for (const item of [...strings, ...pairs]) yield replaced(host, place, item)
}

/** Other places that the same path would fit: sizes and indices of a log, and row indices of a batch. */
export function* samePathsOf(host: Tree): Generator<Tree> {
  for (const place of entries(host, [PART.statements])) {
    const length = entries(host, [...place, STATEMENT.logPath]).length
    for (let size = 2; size <= 40; size++) {
      const sized = replaced(host, [PART.anchor, SIZE], int(size))
      for (let index = 0; index < size; index++) {
        if (inclusionPathLength(index, size) === length)
          yield replaced(sized, [...place, STATEMENT.logIndex], int(index))
      }
    }
  }
  for (const place of entries(host, [PART.rows])) {
    for (let index = 0; index < 16; index++) yield replaced(host, [...place, ROW.index], int(index))
    for (let statement = 0; statement < 4; statement++) yield replaced(host, [...place, ROW.statement], int(statement))
  }
}

function entries(root: Tree, path: Path): Path[] {
  const item = at(root, path)
  return isBranch(item) && item.kind === 'array' ? item.items.map((_, i) => [...path, i]) : []
}
