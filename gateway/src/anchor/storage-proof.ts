/** Asking a node for the trie nodes under some slots of an account (EIP-1186). What it gives is checked when it is read. */
import { concat, FieldproofError, type Hash32, toHex } from '@fieldproof/sdk/base'
import {
  keccak256,
  MAX_NODE_BYTES,
  type Rpc,
  readData,
  readObject,
  toRpcData,
  toRpcQuantity,
} from '@fieldproof/sdk/evm'

/** Slots asked for at once: public endpoints limit size and time of an answer. */
const SLOTS_AT_ONCE = 100
/** Nodes of one path: a key has 64 nibbles. */
const MAX_PATH_NODES = 65

/** Answers by their questions, so that a failure halfway loses only what was asked last. */
export interface NodeMemory {
  get(question: string): readonly Uint8Array[] | undefined
  set(question: string, nodes: readonly Uint8Array[]): void
}

/**
 * Nodes from the state root to the account and from its storage root to each slot, with repetitions.
 * @param address 20 bytes
 * @param memory of the same state
 * @throws FieldproofError `rpc-failed` when the node has forgotten the state, `rpc-invalid` for what is no proof
 */
export async function fetchNodes(
  rpc: Rpc,
  address: Uint8Array,
  slots: readonly Hash32[],
  blockNumber: number,
  memory: NodeMemory = new Map(),
): Promise<Uint8Array[]> {
  const nodes: Uint8Array[] = []
  for (let from = 0; from < slots.length; from += SLOTS_AT_ONCE) {
    const chunk = slots.slice(from, from + SLOTS_AT_ONCE)
    const question = `${blockNumber} ${toHex(address)} ${toHex(keccak256(concat(...chunk)))}`
    const known = memory.get(question) ?? (await fetchChunk(rpc, address, chunk, blockNumber))
    memory.set(question, known)
    nodes.push(...known)
  }
  return nodes
}

async function fetchChunk(
  rpc: Rpc,
  address: Uint8Array,
  slots: readonly Hash32[],
  blockNumber: number,
): Promise<readonly Uint8Array[]> {
  const params = [toRpcData(address), slots.map(toRpcData), toRpcQuantity(blockNumber)]
  const fields = readObject(await rpc('eth_getProof', params), 'eth_getProof')
  const nodes = readNodes(fields['accountProof'], 'accountProof')
  const proven = fields['storageProof']
  if (!Array.isArray(proven) || proven.length !== slots.length) return unfit('storageProof')
  for (const item of proven) nodes.push(...readNodes(readObject(item, 'storageProof')['proof'], 'storageProof.proof'))
  return nodes
}

function readNodes(value: unknown, what: string): Uint8Array[] {
  if (!Array.isArray(value) || value.length > MAX_PATH_NODES) return unfit(what)
  return value.map((item) => {
    const node = readData(item, what)
    return node.length <= MAX_NODE_BYTES ? node : unfit(what)
  })
}

function unfit(part: string): never {
  throw new FieldproofError('rpc-invalid', `eth_getProof: ${part} is no list of trie nodes`, { facts: { part } })
}
