/** Calls, return values and events of MachineRegistry and AnchorLog (schemas/spec/06-anchor.md, schemas/abi). */
import { concat, equalBytes, fromHex, type Hash32, hash32 } from '../base/index.ts'
import { encodeCall, keccak256, readRight, readUint, readWords, wordOf } from './abi.ts'
import {
  ANCHOR_LOG_HEAD_SELECTOR,
  ANCHOR_LOG_TREE_HEAD_TOPIC,
  REGISTRY_ANCHOR_LOG_SELECTOR,
  REGISTRY_HOME_SINCE_SELECTOR,
  REGISTRY_KEY_OF_SELECTOR,
} from './abi-constants.ts'
import { invalid } from './hex.ts'

/** A key's permanent entry in the registry. */
export interface KeyEntry {
  /** The 16 bytes that the machine id spells. */
  readonly machine: Uint8Array
  readonly fromBlock: number
  /** First sequence that the key may no longer sign, in force from `retiredBlock` on; 0 means no end is set. */
  readonly retiredSequence: number
  /** Block of the retirement; 0 means not retired. */
  readonly retiredBlock: number
  /** Block of the revocation; 0 means not revoked. */
  readonly revokedBlock: number
}

/** Blocks during which a log was a machine's home. */
export interface HomeEntry {
  readonly sinceBlock: number
  /** First block in which it was no longer; 0 means it still is. */
  readonly untilBlock: number
}

/** A head that AnchorLog accepted. */
export interface TreeHead {
  readonly logId: Hash32
  readonly size: number
  readonly root: Hash32
}

/** The head of a log as AnchorLog holds it; size 0 when there is no such log. */
export interface LogHead {
  readonly root: Hash32
  readonly size: number
  /** Seconds since 1970 and number of the block that set it. */
  readonly time: number
  readonly blockNumber: number
}

/** Calldata of `anchorLog()`. */
export const ANCHOR_LOG_CALL: Uint8Array = encodeCall(REGISTRY_ANCHOR_LOG_SELECTOR)

/** Calldata of `keyOf(thumbprint)`. */
export function keyOfCall(thumbprint: Hash32): Uint8Array {
  return encodeCall(REGISTRY_KEY_OF_SELECTOR, thumbprint)
}

/** Calldata of `homeSince(machine, logId)`. @param machine 16 bytes */
export function homeSinceCall(machine: Uint8Array, logId: Hash32): Uint8Array {
  return encodeCall(REGISTRY_HOME_SINCE_SELECTOR, wordOf(machine), logId)
}

/** Calldata of `head(logId)`. */
export function headCall(logId: Hash32): Uint8Array {
  return encodeCall(ANCHOR_LOG_HEAD_SELECTOR, logId)
}

/** Address that `anchorLog()` returned. @throws FieldproofError `rpc-invalid` */
export function readAnchorLog(data: Uint8Array): Uint8Array {
  return readRight(readWords(data, 1, 'anchorLog()')[0], 20, 'anchorLog()')
}

/** Entry that `keyOf` returned, or null for a key that was never enrolled. @throws FieldproofError `rpc-invalid` */
export function readKeyEntry(data: Uint8Array): KeyEntry | null {
  const words = readWords(data, 5, 'keyOf()')
  const entry: KeyEntry = {
    machine: readRight(words[0], 16, 'machine'),
    fromBlock: readUint(words[1], 'fromBlock'),
    retiredSequence: readUint(words[2], 'retiredSeq'),
    retiredBlock: readUint(words[3], 'retiredBlock'),
    revokedBlock: readUint(words[4], 'revokedBlock'),
  }
  if (!isKeyEntry(entry)) return invalid('keyOf()', 'the entry of a key')
  return entry.fromBlock === 0 ? null : entry
}

/**
 * Whether a registry of this version can hold such an entry: a key ends after it began, and a retirement has both its parts.
 * Of a contract with another layout, the bits would mean something else.
 */
export function isKeyEntry({ fromBlock, retiredSequence, retiredBlock, revokedBlock }: KeyEntry): boolean {
  const isEnd = (block: number): boolean => block === 0 || block >= fromBlock
  return isEnd(retiredBlock) && isEnd(revokedBlock) && (retiredSequence === 0) === (retiredBlock === 0)
}

/** Entry that `homeSince` returned, or null when the log never was a home. @throws FieldproofError `rpc-invalid` */
export function readHomeEntry(data: Uint8Array): HomeEntry | null {
  const words = readWords(data, 2, 'homeSince()')
  const entry = { sinceBlock: readUint(words[0], 'since'), untilBlock: readUint(words[1], 'until') }
  return entry.sinceBlock === 0 ? null : entry
}

/** Head that `head` returned; size 0 when the log does not exist. @throws FieldproofError `rpc-invalid` */
export function readHead(data: Uint8Array): LogHead {
  const words = readWords(data, 4, 'head()')
  return {
    root: hash32(words[0]!),
    size: readUint(words[1], 'size'),
    time: readUint(words[2], 'time'),
    blockNumber: readUint(words[3], 'block'),
  }
}

const TREE_HEAD = fromHex(ANCHOR_LOG_TREE_HEAD_TOPIC)

/** The TreeHead in a log's topics and data, or null when it is another event. @throws FieldproofError `rpc-invalid` */
export function readTreeHead(topics: readonly Uint8Array[], data: Uint8Array): TreeHead | null {
  const [topic, logId] = topics
  if (topics.length !== 2 || topic === undefined || logId === undefined || !equalBytes(topic, TREE_HEAD)) return null
  const words = readWords(data, 2, 'TreeHead')
  return { logId: hash32(logId), size: readUint(words[0], 'size'), root: hash32(words[1]!) }
}

/** logId of a log: keccak-256 of its owner and its genesis leaf's hash. @param owner 20 bytes */
export function logIdOf(owner: Uint8Array, genesisLeafHash: Hash32): Hash32 {
  return keccak256(concat(wordOf(owner), genesisLeafHash))
}
