/** A node that answers from the `chain` of a bundle vector. */
import { fromHex, machineId, machineIdBytes, toHex, utf8 } from '../../../src/base/index.ts'
import { chainIdOf, keccak256, type Rpc, toRpcData, toRpcQuantity, wordOf } from '../../../src/evm/index.ts'

/** What the chain says, as bundle.json writes it. */
export interface ChainJson {
  readonly anchorLog: string
  /** Absent where the anchor is a state. */
  readonly transaction?: {
    readonly txHash: string
    readonly status: number
    readonly blockNumber: number
    readonly blockHash: string
    readonly blockTime: number
    readonly canonical: boolean
    readonly final: boolean
    readonly treeHeads: readonly { address: string; logId: string; size: number; root: string }[]
  } | null
  readonly keys: readonly {
    thumbprint: string
    machine: string
    fromBlock: number
    retiredSeq: number
    retiredBlock: number
    revokedBlock: number
  }[]
  readonly homes: readonly { machine: string; logId: string; since: number; until: number }[]
  readonly blocks: readonly BlockJson[]
  /** Newest final block; without it, the transaction says whether its own is final. */
  readonly finalized?: number
}

interface BlockJson {
  readonly number: number
  readonly hash: string
  readonly time: number
}

const NO_HASH = '00'.repeat(32)

/** Answers like a node on the chain `caip2`. */
export function rpcOf(chain: ChainJson, caip2: string): Rpc {
  return async (method, params) => {
    if (method === 'eth_chainId') return toRpcQuantity(chainIdOf(caip2))
    if (method === 'eth_getBlockByNumber') return blockOf(chain, params[0])
    if (method === 'eth_call') return outputOf(chain, (params[0] as { data: string }).data)
    if (method === 'eth_getTransactionReceipt') return receiptOf(chain, params[0])
    throw new Error(`a verifier has no use for ${method}`)
  }
}

function blockOf({ transaction: tx, blocks, finalized }: ChainJson, tag: unknown): unknown {
  const json = (block: BlockJson): unknown => ({
    number: toRpcQuantity(block.number),
    hash: `0x${block.hash}`,
    timestamp: toRpcQuantity(block.time),
  })
  if (tag === 'finalized') {
    return json({ number: finalized ?? (tx?.blockNumber ?? 0) - (tx?.final ? 0 : 1), hash: NO_HASH, time: 1 })
  }
  if (tx && Number(tag) === tx.blockNumber) {
    return json({ number: tx.blockNumber, hash: tx.canonical ? tx.blockHash : NO_HASH, time: tx.blockTime })
  }
  const found = blocks.find((block) => block.number === Number(tag))
  return found === undefined ? null : json(found)
}

function outputOf({ anchorLog, keys, homes }: ChainJson, data: string): string {
  const is = (signature: string): boolean => data.startsWith(toRpcData(keccak256(utf8(signature)).subarray(0, 4)))
  const argument = (i: number): string => data.slice(10 + i * 64, 74 + i * 64)
  const machineWord = (id: string): Uint8Array => wordOf(machineIdBytes(machineId(id)))
  if (is('anchorLog()')) return words(wordOf(fromHex(anchorLog)))
  if (is('keyOf(bytes32)')) {
    const k = keys.find((key) => key.thumbprint === argument(0))
    if (k === undefined) return words(...Array.from({ length: 5 }, () => new Uint8Array(32)))
    const numbers = [k.fromBlock, k.retiredSeq, k.retiredBlock, k.revokedBlock]
    return words(machineWord(k.machine), ...numbers.map(numberWord))
  }
  if (!is('homeSince(uint256,bytes32)')) throw new Error(`no such function: ${data.slice(0, 10)}`)
  const home = homes.find((h) => toHex(machineWord(h.machine)) === argument(0) && h.logId === argument(1))
  return words(numberWord(home?.since ?? 0), numberWord(home?.until ?? 0))
}

function receiptOf({ transaction: tx }: ChainJson, hash: unknown): unknown {
  if (tx === null || tx === undefined || hash !== `0x${tx.txHash}`) return null
  const topic = toRpcData(keccak256(utf8('TreeHead(bytes32,uint64,bytes32)')))
  return {
    status: toRpcQuantity(tx.status),
    blockNumber: toRpcQuantity(tx.blockNumber),
    blockHash: `0x${tx.blockHash}`,
    transactionHash: `0x${tx.txHash}`,
    logs: tx.treeHeads.map((head) => ({
      address: `0x${head.address}`,
      topics: [topic, `0x${head.logId}`],
      data: words(numberWord(head.size), fromHex(head.root)),
    })),
  }
}

function numberWord(value: number): Uint8Array {
  return wordOf(fromHex(value.toString(16).padStart(16, '0')))
}

function words(...all: Uint8Array[]): string {
  return `0x${all.map(toHex).join('')}`
}
