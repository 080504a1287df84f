export { batchLeaves, batchRoot, definitionHash } from './batch-tree.ts'
export {
  type Checkpoint,
  encodeCheckpointBody,
  parseCheckpoint,
  type TreeHead,
  verifyCheckpoint,
} from './checkpoint.ts'
export { type Consistency, consistencyPathLength, verifyConsistency } from './consistency.ts'
export { HASH_BYTES, leafHash, leafHashes, leafHashInto, nodeHash, rootOf, rootOfFlat } from './hash.ts'
export { type Inclusion, inclusionPathLength, rootFromInclusion } from './inclusion.ts'
export {
  assembleNote,
  checkpointKeyId,
  encodeVerifierKey,
  KEY_ID_BYTES,
  MAX_NOTE_CHARS,
  MAX_NOTE_SIGNATURES,
  type Note,
  type NoteSignature,
  parseNote,
  parseVerifierKey,
  type VerifierKey,
} from './note.ts'
export {
  decodeEntryBundle,
  encodeEntryBundle,
  hashTile,
  MAX_ENTRY_BYTES,
  parseTilePath,
  TILE_WIDTH,
  type Tile,
  tilePath,
  tileWidth,
} from './tiles.ts'
export { MAX_TREE_LEAVES, MerkleTree } from './tree.ts'
