/**
 * What a verifier asks an EVM node, as JSON-RPC method, parameters and a strict reader. No client here: the caller brings
 * a function that posts a request, so Node, a browser and a test differ only in that function.
 */
import { equalBytes, FieldproofError, type Hash32, hash32, MAX_TIME_MS } from '../base/index.ts'
import { invalid, readData, readObject, readQuantity, toRpcData, toRpcQuantity } from './hex.ts'

/** Posts one JSON-RPC request and returns its result. @throws FieldproofError `rpc-failed` or `rpc-invalid` */
export type Rpc = (method: string, params: readonly unknown[]) => Promise<unknown>

/** A block as far as a verifier needs it. */
export interface Block {
  readonly number: number
  readonly hash: Hash32
  /** Seconds since 1970. */
  readonly timestamp: number
}

/** One event of a transaction. */
export interface EventLog {
  /** Emitting contract, 20 bytes. */
  readonly address: Uint8Array
  readonly topics: readonly Uint8Array[]
  readonly data: Uint8Array
}

/** The receipt of a mined transaction. */
export interface TransactionReceipt {
  readonly succeeded: boolean
  readonly blockNumber: number
  readonly blockHash: Hash32
  readonly transactionHash: Hash32
  readonly logs: readonly EventLog[]
}

/** Chain id of the node. */
export async function fetchChainId(rpc: Rpc): Promise<number> {
  return readQuantity(await rpc('eth_chainId', []), 'eth_chainId')
}

/** The canonical block of a number or tag, or null when the node has none. */
export async function fetchBlock(rpc: Rpc, block: number | 'latest' | 'finalized'): Promise<Block | null> {
  const result = await rpc('eth_getBlockByNumber', [typeof block === 'number' ? toRpcQuantity(block) : block, false])
  if (result === null) return null
  const fields = readObject(result, 'block')
  const read: Block = {
    number: readQuantity(fields['number'], 'block.number'),
    hash: hash32(readData(fields['hash'], 'block.hash', 32)),
    timestamp: readQuantity(fields['timestamp'], 'block.timestamp'),
  }
  if (read.timestamp >= MAX_TIME_MS / 1000) return invalid('block.timestamp', 'seconds since 1970')
  if (typeof block === 'number' && read.number !== block) return invalid('block.number', String(block))
  return read
}

/** Receipt of a transaction, or null when it is not mined. */
export async function fetchReceipt(rpc: Rpc, txHash: Hash32): Promise<TransactionReceipt | null> {
  const result = await rpc('eth_getTransactionReceipt', [toRpcData(txHash)])
  if (result === null) return null
  const fields = readObject(result, 'receipt')
  const read: TransactionReceipt = {
    succeeded: readQuantity(fields['status'], 'receipt.status') === 1,
    blockNumber: readQuantity(fields['blockNumber'], 'receipt.blockNumber'),
    blockHash: hash32(readData(fields['blockHash'], 'receipt.blockHash', 32)),
    transactionHash: hash32(readData(fields['transactionHash'], 'receipt.transactionHash', 32)),
    logs: readLogs(fields['logs']),
  }
  if (!equalBytes(read.transactionHash, txHash)) return invalid('receipt.transactionHash', 'the one asked for')
  return read
}

/**
 * Output of a read-only call at the newest block.
 * @throws FieldproofError `contract-missing` when nothing answers at that address
 */
export async function fetchCall(rpc: Rpc, to: Uint8Array, data: Uint8Array): Promise<Uint8Array> {
  const output = readData(await rpc('eth_call', [{ to: toRpcData(to), data: toRpcData(data) }, 'latest']), 'eth_call')
  if (output.length > 0) return output
  throw new FieldproofError('contract-missing', `no such contract at ${toRpcData(to)} on this chain`, {
    facts: { address: toRpcData(to) },
  })
}

function readLogs(value: unknown): EventLog[] {
  if (!Array.isArray(value)) return invalid('receipt.logs', 'an array')
  return value.map((item) => {
    const fields = readObject(item, 'log')
    const topics = fields['topics']
    if (!Array.isArray(topics)) return invalid('log.topics', 'an array')
    return {
      address: readData(fields['address'], 'log.address', 20),
      topics: topics.map((topic) => readData(topic, 'log.topic', 32)),
      data: readData(fields['data'], 'log.data'),
    }
  })
}
