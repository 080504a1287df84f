/** A node that knows the true facts of a sample and nothing else, in the shape of schemas/vectors/bundle.json. */
import { fromHex, machineId, machineIdBytes, toHex, utf8 } from '../../../src/base/index.ts'
import { keccak256, type Rpc, toRpcData, toRpcQuantity, wordOf } from '../../../src/evm/index.ts'

/** The anchoring transaction. */
export interface TransactionFacts {
  readonly txHash: string
  readonly status: number
  readonly blockNumber: number
  readonly blockHash: string
  readonly blockTime: number
  readonly canonical: boolean
  readonly final: boolean
  readonly treeHeads: readonly {
    readonly address: string
    readonly logId: string
    readonly size: number
    readonly root: string
  }[]
}

/** What is true on chain; hex without 0x. */
export interface ChainFacts {
  readonly chainId: number
  readonly registry: string
  readonly anchorLog: string
  readonly transaction: TransactionFacts | null
  readonly keys: readonly {
    readonly thumbprint: string
    readonly machine: string
    readonly fromBlock: number
    readonly retiredSeq: number
    readonly retiredBlock: number
    readonly revokedBlock: number
  }[]
  readonly homes: readonly {
    readonly machine: string
    readonly logId: string
    readonly since: number
    readonly until: number
  }[]
  readonly blocks: readonly { readonly number: number; readonly hash: string; readonly time: number }[]
  /** Number of the newest final block; without it, what `transaction` says. */
  readonly finalized?: number
  /** Other registries on the same chain, such as an attacker's. */
  readonly others?: readonly ChainFacts[]
}

const NO_HASH = '00'.repeat(32)
const TREE_HEAD = toRpcData(keccak256(utf8('TreeHead(bytes32,uint64,bytes32)')))
const selectorOf = (signature: string): string => toHex(keccak256(utf8(signature)).subarray(0, 4))
const ANCHOR_LOG = selectorOf('anchorLog()')
const KEY_OF = selectorOf('keyOf(bytes32)')
const HOME_SINCE = selectorOf('homeSince(uint256,bytes32)')

/** Answers like a node; what it does not know is not there. */
export function strictRpc(facts: ChainFacts): Rpc {
  const worlds = [facts, ...(facts.others ?? [])]
  return async (method, params) => {
    const [first] = params
    if (method === 'eth_chainId') return toRpcQuantity(facts.chainId)
    if (method === 'eth_getBlockByNumber') return blockJson(worlds, first)
    if (method === 'eth_getTransactionReceipt') {
      const found = worlds.find(({ transaction }) => transaction !== null && first === `0x${transaction.txHash}`)
      return found?.transaction ? receiptJson(found.transaction) : null
    }
    const { to, data } = first as { to: string; data: string }
    const called = worlds.find(({ registry }) => to === `0x${registry}`)
    return called === undefined ? '0x' : callJson(called, data.slice(2))
  }
}

function blockJson(worlds: readonly ChainFacts[], tag: unknown): unknown {
  const blocks = worlds.flatMap(({ transaction: tx, blocks: known }) => [
    ...(tx === null
      ? []
      : [{ number: tx.blockNumber, hash: tx.canonical ? tx.blockHash : NO_HASH, time: tx.blockTime }]),
    ...known,
  ])
  if (tag === 'finalized') {
    const { transaction: tx = null, finalized } = worlds[0] ?? {}
    const number = finalized ?? (tx?.blockNumber ?? 0) - (tx?.final === true ? 0 : 1)
    return blockOf({ number, hash: NO_HASH, time: 1 })
  }
  const found = blocks.find(({ number }) => tag === toRpcQuantity(number))
  return found === undefined ? null : blockOf(found)
}

function blockOf(block: { number: number; hash: string; time: number }): unknown {
  return { number: toRpcQuantity(block.number), hash: `0x${block.hash}`, timestamp: toRpcQuantity(block.time) }
}

function receiptJson(tx: TransactionFacts): unknown {
  return {
    status: toRpcQuantity(tx.status),
    blockNumber: toRpcQuantity(tx.blockNumber),
    blockHash: `0x${tx.blockHash}`,
    transactionHash: `0x${tx.txHash}`,
    logs: tx.treeHeads.map((head) => ({
      address: `0x${head.address}`,
      topics: [TREE_HEAD, `0x${head.logId}`],
      data: words(numberWord(head.size), fromHex(head.root)),
    })),
  }
}

function callJson(facts: ChainFacts, data: string): string {
  const argument = (i: number): string => data.slice(8 + i * 64, 72 + i * 64)
  if (data === ANCHOR_LOG) return words(wordOf(fromHex(facts.anchorLog)))
  if (data.startsWith(KEY_OF)) {
    const key = facts.keys.find(({ thumbprint }) => thumbprint === argument(0))
    if (key === undefined) return words(...Array.from({ length: 5 }, () => numberWord(0)))
    const { fromBlock, retiredSeq, retiredBlock, revokedBlock } = key
    return words(machineWord(key.machine), ...[fromBlock, retiredSeq, retiredBlock, revokedBlock].map(numberWord))
  }
  if (!data.startsWith(HOME_SINCE)) return '0x'
  const home = facts.homes.find((h) => toHex(machineWord(h.machine)) === argument(0) && h.logId === argument(1))
  return words(numberWord(home?.since ?? 0), numberWord(home?.until ?? 0))
}

function machineWord(id: string): Uint8Array {
  return wordOf(machineIdBytes(machineId(id)))
}

function numberWord(value: number): Uint8Array {
  return wordOf(fromHex(value.toString(16).padStart(16, '0')))
}

function words(...all: readonly Uint8Array[]): string {
  return `0x${all.map(toHex).join('')}`
}
