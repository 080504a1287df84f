/**
 * Storage proofs of the few slots that an anchor stands on (EIP-1186), kept because heads are overwritten in place and
 * nodes forget old state. Only lengths and roots are checked here; the walk down the trie is the verifier's.
 */
import { concat, equalBytes, FieldproofError, type Hash32, hash32 } from '@fieldproof/sdk/base'
import { keccak256, type Rpc, readData, readObject, toRpcData, toRpcQuantity, wordOf } from '@fieldproof/sdk/evm'
import { type CborValue, encodeCbor } from '@fieldproof/sdk/wire'

/** A proven slot. */
export interface ProvenSlot {
  readonly slot: Hash32
  /** 32 bytes. */
  readonly value: Uint8Array
  /** Trie nodes from the account's storage root down. */
  readonly proof: readonly Uint8Array[]
}

/** What one account holds in one block. */
export interface StorageProof {
  /** 20 bytes. */
  readonly address: Uint8Array
  /** Trie nodes from the state root down to the account, whose leaf holds the storage root. */
  readonly accountProof: readonly Uint8Array[]
  readonly slots: readonly ProvenSlot[]
}

/** AnchorLog: slot of the mapping of logs, then root and packed head (gateway/contracts/AnchorLog.sol). */
const LOGS_SLOT = 0
/** MachineRegistry: slot of the AnchorLog's address. */
const ANCHOR_LOG_SLOT = 0

/** Slots of a log's root and of its packed head. */
export function headSlots(logId: Hash32): [root: Hash32, head: Hash32] {
  const root = keccak256(concat(logId, wordOf(Uint8Array.of(LOGS_SLOT))))
  return [root, next(root)]
}

/** Slot of the registry that names the AnchorLog. */
export function anchorLogSlot(): Hash32 {
  return hash32(wordOf(Uint8Array.of(ANCHOR_LOG_SLOT)))
}

/** Block number in a packed head: bits 128..191 of the word. */
export function blockNumberOfHead(word: Uint8Array): number {
  const view = new DataView(word.buffer, word.byteOffset, word.length)
  return Number(view.getBigUint64(8))
}

/**
 * Asks for slots of an account at a block.
 * @throws FieldproofError `rpc-failed` when the node has forgotten the state, `rpc-invalid` unless it fits `stateRoot`
 */
export async function fetchStorageProof(
  rpc: Rpc,
  address: Uint8Array,
  slots: readonly Hash32[],
  block: { readonly number: number; readonly stateRoot: Hash32 },
): Promise<StorageProof> {
  const params = [toRpcData(address), slots.map(toRpcData), toRpcQuantity(block.number)]
  const fields = readObject(await rpc('eth_getProof', params), 'eth_getProof')
  const accountProof = readNodes(fields['accountProof'], 'accountProof')
  expectRoot(accountProof, block.stateRoot, 'state root')
  const storageRoot = hash32(readData(fields['storageHash'], 'storageHash', 32))
  const proven = fields['storageProof']
  if (!Array.isArray(proven) || proven.length !== slots.length) throw unfit('storageProof')
  return { address, accountProof, slots: slots.map((slot, i) => readSlot(slot, proven[i], storageRoot)) }
}

/** Deterministic CBOR: [address bstr20, [* node bstr], [* [slot bstr32, value bstr32, [* node bstr]]]]. */
export function encodeStorageProof({ address, accountProof, slots }: StorageProof): Uint8Array {
  const entries = slots.map(({ slot, value, proof }): CborValue => [slot, value, proof])
  return encodeCbor([address, accountProof, entries])
}

function readSlot(slot: Hash32, item: unknown, storageRoot: Hash32): ProvenSlot {
  const fields = readObject(item, 'storageProof')
  const digits = String(fields['value']).replace(/^0x/, '')
  const value = readData(`0x${digits.padStart(64, '0')}`, 'storageProof.value', 32)
  const proof = readNodes(fields['proof'], 'storageProof.proof')
  expectRoot(proof, storageRoot, 'storage root')
  return { slot, value, proof }
}

function readNodes(value: unknown, what: string): Uint8Array[] {
  if (!Array.isArray(value)) throw unfit(what)
  return value.map((node) => readData(node, what))
}

function expectRoot(nodes: readonly Uint8Array[], root: Hash32, what: string): void {
  const top = nodes[0]
  if (top === undefined || !equalBytes(keccak256(top), root)) throw unfit(what)
}

function unfit(part: string): FieldproofError {
  return new FieldproofError('rpc-invalid', `eth_getProof: the proof does not fit the block: ${part}`, {
    facts: { part },
  })
}

function next(slot: Hash32): Hash32 {
  const out = slot.slice()
  for (let i = out.length - 1; i >= 0; i--) {
    out[i] = (out[i]! + 1) % 256
    if (out[i] !== 0) break
  }
  return hash32(out)
}
