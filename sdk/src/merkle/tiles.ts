/**
 * Tiles of C2SP (c2sp.org/tlog-tiles): the tree and its entries as static files that anyone can fetch, cache and keep. A
 * hash tile is up to 256 neighbouring nodes of every eighth level; an entry bundle is up to 256 entries, each after its
 * length. Paths and bytes may come from an attacker.
 */
import { FieldproofError } from '../base/index.ts'
import type { MerkleTree } from './tree.ts'

/** Hashes of a full tile and entries of a full bundle. */
export const TILE_WIDTH = 256
/** Levels of the tree that one tile spans: log2 of its width. */
const TILE_HEIGHT = 8
/** c2sp.org/tlog-tiles: `<L>` is 0 to 63. */
const MAX_TILE_LEVEL = 63
/** Longest entry that a bundle's 16-bit length can announce. */
export const MAX_ENTRY_BYTES = 65_535

/** Names one tile or, with level `entries`, one entry bundle. */
export interface Tile {
  readonly level: number | 'entries'
  /** Index of the tile within its level. */
  readonly index: number
  /** Hashes or entries in it, 1 to 256; 256 is a full one. */
  readonly width: number
}

/**
 * Path of a tile under the log's prefix, e.g. `tile/0/x001/x234/067.p/112`.
 * @throws FieldproofError `tile-invalid` when level, index or width is out of range
 */
export function tilePath(level: number | 'entries', index: number, width: number = TILE_WIDTH): string {
  if (level !== 'entries' && !isIn(level, 0, MAX_TILE_LEVEL)) throw invalid(`there is no tile level ${level}`)
  if (!isIn(index, 0, Number.MAX_SAFE_INTEGER)) throw invalid(`there is no tile ${index}`)
  if (!isIn(width, 1, TILE_WIDTH)) throw invalid(`no tile has a width of ${width}`)
  const digits = String(index)
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/.{3}/g) ?? []
  const name = groups.map((group, i) => (i < groups.length - 1 ? `x${group}` : group)).join('/')
  return `tile/${level}/${name}${width === TILE_WIDTH ? '' : `.p/${width}`}`
}

/**
 * Inverse of {@link tilePath}: accepts the one spelling that it writes.
 * @throws FieldproofError `tile-invalid`
 */
export function parseTilePath(path: string): Tile {
  const parts =
    path.length <= 64 ? /^tile\/(entries|\d{1,2})\/((?:x\d{3}\/)*\d{3})(?:\.p\/(\d{1,3}))?$/.exec(path) : null
  const [, level, name, partial] = parts ?? []
  if (level === undefined || name === undefined) throw invalid('not the path of a tile')
  const tile: Tile = {
    level: level === 'entries' ? level : Number(level),
    index: Number(name.replace(/[x/]/g, '')),
    width: partial === undefined ? TILE_WIDTH : Number(partial),
  }
  if (tilePath(tile.level, tile.index, tile.width) !== path) throw invalid('the path of a tile has one spelling')
  return tile
}

/**
 * Width of a tile in a tree of `size` leaves: 256 when it is full, 0 when the tree has no such tile.
 * @throws FieldproofError `tile-invalid` when level, index or size is out of range
 */
export function tileWidth(level: number | 'entries', index: number, size: number): number {
  tilePath(level, index)
  if (!isIn(size, 0, Number.MAX_SAFE_INTEGER)) throw invalid(`no tree has ${size} leaves`)
  const nodes = Math.floor(size / TILE_WIDTH ** (level === 'entries' ? 0 : level))
  return Math.max(0, Math.min(TILE_WIDTH, nodes - index * TILE_WIDTH))
}

/**
 * Bytes of a hash tile, 32 for each hash.
 * @throws FieldproofError `tile-invalid` when level, index or width is out of range, `tree-range` when the tree has no such nodes
 */
export function hashTile(tree: MerkleTree, level: number, index: number, width: number = TILE_WIDTH): Uint8Array {
  tilePath(level, index, width)
  return tree.nodes(level * TILE_HEIGHT, index * TILE_WIDTH, width)
}

/**
 * Bytes of an entry bundle: each entry after its length in two bytes, big-endian.
 * @throws FieldproofError `tile-invalid` unless there are 1 to 256 entries of at most 65535 bytes
 */
export function encodeEntryBundle(entries: readonly Uint8Array[]): Uint8Array {
  if (!isIn(entries.length, 1, TILE_WIDTH)) throw invalid('a bundle has 1 to 256 entries', { got: entries.length })
  const out = new Uint8Array(entries.reduce((length, entry) => length + 2 + entry.length, 0))
  const view = new DataView(out.buffer)
  let at = 0
  for (const entry of entries) {
    if (entry.length > MAX_ENTRY_BYTES) {
      throw invalid('an entry is too long', { got: entry.length, max: MAX_ENTRY_BYTES })
    }
    view.setUint16(at, entry.length)
    out.set(entry, at + 2)
    at += 2 + entry.length
  }
  return out
}

/**
 * Entries of a bundle, as views of `bytes`.
 * @param width number of entries that the bundle's path promises
 * @throws FieldproofError `tile-invalid` when it is cut short or holds another number of entries
 */
export function decodeEntryBundle(bytes: Uint8Array, width: number): Uint8Array[] {
  if (!isIn(width, 1, TILE_WIDTH)) throw invalid(`no bundle has a width of ${width}`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const entries: Uint8Array[] = []
  let at = 0
  while (at < bytes.length && entries.length < width) {
    const end = at + 2 <= bytes.length ? at + 2 + view.getUint16(at) : Number.POSITIVE_INFINITY
    if (end > bytes.length) throw invalid('the bundle is cut short', { at, bytes: bytes.length })
    entries.push(bytes.subarray(at + 2, end))
    at = end
  }
  if (at !== bytes.length || entries.length !== width) {
    throw invalid('the bundle has another number of entries', {
      want: width,
      got: entries.length,
      rest: bytes.length - at,
    })
  }
  return entries
}

function isIn(value: number, least: number, most: number): boolean {
  return Number.isSafeInteger(value) && value >= least && value <= most
}

function invalid(detail: string, facts: Readonly<Record<string, number>> = {}): FieldproofError {
  return new FieldproofError('tile-invalid', detail, { facts })
}
