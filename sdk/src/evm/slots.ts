/** Storage slots of our contracts that clients prove, and what stands in them (schemas/spec/06-anchor.md). */
import { concat, FieldproofError, fromHex, type Hash32, hash32 } from '../base/index.ts'
import { keccak256, readRight, wordOf } from './abi.ts'
import {
  ANCHOR_LOG_LOGS_SLOT,
  HOME_FIELDS,
  KEY_ENTRY_FIELDS,
  LOG_HEAD_FIELDS,
  LOG_HEAD_OFFSET,
  LOG_ROOT_OFFSET,
  type PackedField,
  REGISTRY_ANCHOR_LOG_SLOT,
  REGISTRY_HOMES_SLOT,
  REGISTRY_KEYS_SLOT,
} from './abi-constants.ts'
import { type HomeEntry, isKeyEntry, type KeyEntry, type LogHead } from './contracts.ts'

/** EIP-2935: the contract that keeps the hashes of the newest 8191 blocks. */
export const HISTORY_CONTRACT: Uint8Array = fromHex('0000f90827f1c53a10cb7a02335b175320002935')
/** How many blocks before its own a state knows. */
export const HISTORY_BLOCKS: number = 8191

/** Slot of MachineRegistry that names the AnchorLog. */
export function anchorLogSlot(): Hash32 {
  return slotOf(REGISTRY_ANCHOR_LOG_SLOT)
}

/** Slot of a key's entry in MachineRegistry. */
export function keySlot(thumbprint: Hash32): Hash32 {
  return mapped(thumbprint, slotOf(REGISTRY_KEYS_SLOT))
}

/** Slot of a machine's time at a log in MachineRegistry. @param machine 16 bytes */
export function homeSlot(machine: Uint8Array, logId: Hash32): Hash32 {
  return mapped(logId, mapped(wordOf(machine), slotOf(REGISTRY_HOMES_SLOT)))
}

/** Slots of AnchorLog with a log's root and its packed head. */
export function headSlots(logId: Hash32): [root: Hash32, head: Hash32] {
  const log = mapped(logId, slotOf(ANCHOR_LOG_LOGS_SLOT))
  return [plus(log, LOG_ROOT_OFFSET), plus(log, LOG_HEAD_OFFSET)]
}

/** Slot of {@link HISTORY_CONTRACT} with the hash of a block. */
export function historySlot(blockNumber: number): Hash32 {
  return slotOf(blockNumber % HISTORY_BLOCKS)
}

/** Address in the word of {@link anchorLogSlot}. @throws FieldproofError `rpc-invalid` */
export function anchorLogOfSlot(word: Uint8Array): Uint8Array {
  return readRight(word, 20, 'AnchorLog')
}

/** Entry in the word of {@link keySlot}. @throws FieldproofError `proof-invalid` for what this version does not write */
export function keyEntryOfSlot(word: Uint8Array): KeyEntry {
  const fields = KEY_ENTRY_FIELDS
  const entry: KeyEntry = {
    machine: packed(word, fields.machine),
    fromBlock: packedUint(word, fields.fromBlock),
    retiredSequence: packedUint(word, fields.retiredSeq),
    retiredBlock: packedUint(word, fields.retiredBlock),
    revokedBlock: packedUint(word, fields.revokedBlock),
  }
  if (isKeyEntry(entry)) return entry
  throw new FieldproofError('proof-invalid', 'state: not the entry of a key')
}

/** Entry in the word of {@link homeSlot}. */
export function homeEntryOfSlot(word: Uint8Array): HomeEntry {
  return { sinceBlock: packedUint(word, HOME_FIELDS.since), untilBlock: packedUint(word, HOME_FIELDS.until) }
}

/** Head in the words of {@link headSlots}. */
export function headOfSlots(root: Uint8Array, head: Uint8Array): LogHead {
  return {
    root: hash32(root),
    size: packedUint(head, LOG_HEAD_FIELDS.size),
    time: packedUint(head, LOG_HEAD_FIELDS.time),
    blockNumber: packedUint(head, LOG_HEAD_FIELDS.blockNumber),
  }
}

function slotOf(number: number): Hash32 {
  const word = new Uint8Array(32)
  new DataView(word.buffer).setUint32(28, number)
  return hash32(word)
}

function mapped(key: Uint8Array, base: Hash32): Hash32 {
  return keccak256(concat(key, base))
}

function plus(slot: Hash32, offset: number): Hash32 {
  const out = slot.slice()
  let carry = offset
  for (let i = out.length - 1; i >= 0 && carry > 0; i--) {
    carry += out[i] as number
    out[i] = carry % 256
    carry = Math.floor(carry / 256)
  }
  return hash32(out)
}

/** Solidity packs from the least significant byte, which is the last of the word. */
function packed(word: Uint8Array, { offsetBytes, sizeBytes }: PackedField): Uint8Array {
  const end = word.length - offsetBytes
  return word.slice(end - sizeBytes, end)
}

/** @throws FieldproofError `proof-invalid` above 2^53: our contracts count blocks, seconds and leaves */
function packedUint(word: Uint8Array, field: PackedField): number {
  let value = 0
  for (const byte of packed(word, field)) value = value * 256 + byte
  if (Number.isSafeInteger(value)) return value
  throw new FieldproofError('proof-invalid', 'state: a number above 2^53')
}
