/**
 * What our contracts hold after a block, read from the proofs under its state root (schemas/spec/07-bundle.md, BUNDLE-52).
 * The order of reading is part of the format: it is the order of the nodes in the file.
 */
import { FieldproofError, type Hash32, hash32 } from '../base/index.ts'
import type { HomeEntry, KeyEntry, LogHead } from './contracts.ts'
import { decodeRlp, rlpBytes, rlpList } from './rlp.ts'
import {
  anchorLogOfSlot,
  anchorLogSlot,
  HISTORY_CONTRACT,
  headOfSlots,
  headSlots,
  historySlot,
  homeEntryOfSlot,
  homeSlot,
  keyEntryOfSlot,
  keySlot,
} from './slots.ts'
import { type NodeSource, trieValue } from './trie.ts'

/** What to read. */
export interface StateQuestions {
  /** MachineRegistry, 20 bytes, which the asker trusts. */
  readonly registry: Uint8Array
  readonly logId: Hash32
  /** Thumbprints of keys. */
  readonly keys: readonly Hash32[]
  /** Machine numbers, 16 bytes each. */
  readonly machines: readonly Uint8Array[]
  /** Numbers of blocks whose hashes are asked for. */
  readonly blocks: readonly number[]
}

/** What the state says, in the order of the questions. */
export interface StateAnswers {
  /** AnchorLog that the registry names, 20 bytes. */
  readonly anchorLog: Uint8Array
  readonly keys: readonly KeyEntry[]
  readonly homes: readonly HomeEntry[]
  readonly head: LogHead
  readonly blockHashes: readonly Hash32[]
}

/**
 * Reads everything that is asked, or nothing.
 * @throws FieldproofError `proof-invalid` when a value is not there or the nodes do not lead to it
 */
export function readState(stateRoot: Hash32, questions: StateQuestions, source: NodeSource): StateAnswers {
  const { registry, logId, keys, machines, blocks } = questions
  const ofRegistry = accountReader(stateRoot, registry, source)
  const anchorLog = anchorLogOfState(ofRegistry(anchorLogSlot()))
  const keyEntries = keys.map((thumbprint) => keyEntryOfSlot(ofRegistry(keySlot(thumbprint))))
  const homes = machines.map((machine) => homeEntryOfSlot(ofRegistry(homeSlot(machine, logId))))
  const ofLog = accountReader(stateRoot, anchorLog, source)
  const [rootSlot, headSlot] = headSlots(logId)
  const head = headOfSlots(ofLog(rootSlot), ofLog(headSlot))
  return { anchorLog, keys: keyEntries, homes, head, blockHashes: readHistory(stateRoot, blocks, source) }
}

function readHistory(stateRoot: Hash32, blocks: readonly number[], source: NodeSource): readonly Hash32[] {
  if (blocks.length === 0) return []
  const ofHistory = accountReader(stateRoot, HISTORY_CONTRACT, source)
  return blocks.map((number) => hash32(ofHistory(historySlot(number))))
}

/** Reads slots of one account as 32-byte words. */
function accountReader(stateRoot: Hash32, address: Uint8Array, source: NodeSource): (slot: Hash32) => Uint8Array {
  const account = rlpList(decodeRlp(trieValue(stateRoot, address, source)), 'account')
  if (account.length !== 4) throw new FieldproofError('proof-invalid', 'state: an account has 4 fields')
  for (const integer of account.slice(0, 2)) {
    if (rlpBytes(integer, 'nonce or balance')[0] === 0) {
      throw new FieldproofError('proof-invalid', 'state: nonce and balance have no leading zeros')
    }
  }
  rlpBytes(account[3], 'code hash', 32)
  const storageRoot = hash32(rlpBytes(account[2], 'storage root', 32))
  return (slot) => {
    const value = rlpBytes(decodeRlp(trieValue(storageRoot, slot, source)), 'slot')
    if (value.length === 0 || value.length > 32 || value[0] === 0) {
      throw new FieldproofError('proof-invalid', 'state: a slot holds 1 to 32 bytes without leading zeros')
    }
    const word = new Uint8Array(32)
    word.set(value, 32 - value.length)
    return word
  }
}

function anchorLogOfState(word: Uint8Array): Uint8Array {
  try {
    return anchorLogOfSlot(word)
  } catch (cause) {
    throw new FieldproofError('proof-invalid', 'state: the registry names no AnchorLog', { cause })
  }
}
