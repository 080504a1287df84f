/** log.json: genesis leaves, checkpoints, tiles and their paths. */
import { toHex } from '../../../src/base/index.ts'
import type { Hash } from '../../../src/crypto/index.ts'
import { logIdOf } from '../../../src/evm/index.ts'
import {
  encodeEntryBundle,
  encodeVerifierKey,
  hashTile,
  leafHash,
  MerkleTree,
  parseTilePath,
  tilePath,
  tileWidth,
  verifyCheckpoint,
} from '../../../src/merkle/index.ts'
import { decodeGenesis, encodeGenesis } from '../../../src/verify/index.ts'
import { bytesOf, type Case, type Context, numberOf, type Outputs, type Runner, textOf } from '../runner.ts'

/** Runs log.json. */
export const logRunner: Runner = {
  readers: {
    genesis: { given: ['owner'], read: readGenesis },
    checkpoint: { given: ['origin', 'publicKey', 'checkpoint'], read: readCheckpoint },
    'tile-path': { given: [], read: readTilePath },
    tile: {
      given: ['size', 'level', 'index'],
      read: (item, context) => readTile(item, numberOf(item['level']), context),
    },
    entries: { given: ['size', 'index'], read: (item, context) => readTile(item, 'entries', context) },
  },
}

function readGenesis(item: Case, { hash }: Context): Outputs {
  const bytes = bytesOf(item['genesis'])
  const genesis = decodeGenesis(bytes)
  const leaf = leafHash(hash, bytes)
  return {
    genesis: toHex(encodeGenesis(genesis)),
    origin: genesis.origin,
    publicKey: toHex(genesis.logKey),
    caip2: genesis.caip2,
    anchorLog: toHex(genesis.anchorLog),
    predecessor: genesis.predecessor && [toHex(genesis.predecessor.logId), genesis.predecessor.size],
    leafHash: toHex(leaf),
    logId: toHex(logIdOf(bytesOf(item['owner']), leaf)),
  }
}

async function readCheckpoint(item: Case, { hash, suites }: Context): Promise<Outputs> {
  const vkey = encodeVerifierKey(textOf(item['origin']), bytesOf(item['publicKey']), hash)
  const suite = suites(-19)
  if (suite === undefined) throw new Error('no Ed25519 suite')
  const { size, root } = await verifyCheckpoint(textOf(item['checkpoint']), vkey, suite, hash)
  return { vkey, size, root: toHex(root) }
}

function readTilePath(item: Case): Outputs {
  const level = item['level'] as number | 'entries'
  const tile = parseTilePath(textOf(item['path']))
  return { ...tile, path: tilePath(level, numberOf(item['index']), numberOf(item['width'])) }
}

function readTile(item: Case, level: number | 'entries', { hash }: Context): Outputs {
  const index = numberOf(item['index'])
  const size = numberOf(item['size'])
  const width = tileWidth(level, index, size)
  const bytes =
    level === 'entries'
      ? encodeEntryBundle(Array.from({ length: width }, (_, i) => entryOf(index * 256 + i)))
      : hashTile(treeOf(size, hash), level, index, width)
  return { width, path: tilePath(level, index, width), sha256: toHex(hash.sha256(bytes)) }
}

/** Entry i of the log in the file: i in four bytes, big-endian. */
function entryOf(i: number): Uint8Array {
  const entry = new Uint8Array(4)
  new DataView(entry.buffer).setUint32(0, i)
  return entry
}

function treeOf(size: number, hash: Hash): MerkleTree {
  const tree = new MerkleTree(hash)
  for (let i = 0; i < size; i++) tree.append(leafHash(hash, entryOf(i)))
  return tree
}
