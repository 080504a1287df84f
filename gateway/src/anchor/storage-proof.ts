/** Asking a node for the trie nodes under some slots of an account (EIP-1186). What it gives is checked when it is read. */
import { FieldproofError, type Hash32 } from '@fieldproof/sdk/base'
import { MAX_NODE_BYTES, type Rpc, readData, readObject, toRpcData, toRpcQuantity } from '@fieldproof/sdk/evm'

/** Slots asked for at once: public endpoints limit size and time of an answer. */
const SLOTS_AT_ONCE = 100
/** Nodes of one path: a key has 64 nibbles. */
const MAX_PATH_NODES = 65

/**
 * Nodes from the state root to the account and from its storage root to each slot, with repetitions.
 * @param address 20 bytes
 * @throws FieldproofError `rpc-failed` when the node has forgotten the state, `rpc-invalid` for what is no proof
 */
export async function fetchNodes(
  rpc: Rpc,
  address: Uint8Array,
  slots: readonly Hash32[],
  blockNumber: number,
): Promise<Uint8Array[]> {
  const nodes: Uint8Array[] = []
  for (let from = 0; from < slots.length; from += SLOTS_AT_ONCE) {
    const chunk = slots.slice(from, from + SLOTS_AT_ONCE)
    const params = [toRpcData(address), chunk.map(toRpcData), toRpcQuantity(blockNumber)]
    const fields = readObject(await rpc('eth_getProof', params), 'eth_getProof')
    nodes.push(...readNodes(fields['accountProof'], 'accountProof'))
    const proven = fields['storageProof']
    if (!Array.isArray(proven) || proven.length !== chunk.length) return unfit('storageProof')
    for (const item of proven) nodes.push(...readNodes(readObject(item, 'storageProof')['proof'], 'storageProof.proof'))
  }
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
