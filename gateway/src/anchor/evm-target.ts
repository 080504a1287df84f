/** AnchorLog on any EVM chain as an anchor target. */
import { equalBytes, FieldproofError, fromHex, type Hash32, hash32, toHex } from '@fieldproof/sdk/base'
import {
  ANCHOR_LOG_CALL,
  caip2Of,
  fetchBlock,
  fetchCall,
  fetchChainId,
  fetchReceipt,
  headCall,
  type Rpc,
  readAnchorLog,
  readData,
  readHead,
  readObject,
  readQuantity,
  readTreeHead,
  toRpcData,
  toRpcQuantity,
} from '@fieldproof/sdk/evm'
import { encodeFunctionData, getAbiItem, toEventSelector } from 'viem'
import { anchorLogAbi } from './abi.ts'
import { type Account, accountOf } from './accounts.ts'
import { collectAnchored } from './anchored-evidence.ts'
import { EvidenceMemory } from './evidence-memory.ts'
import { currentGasPrice } from './fees.ts'
import { httpRpc } from './http-rpc.ts'
import type {
  AnchorEvidence,
  AnchorTarget,
  EvidenceWanted,
  Head,
  MinedBlock,
  MinedHead,
  PreparedAnchor,
  TransactionStatus,
} from './ports.ts'
import { expectAppender, expectProofs } from './target-checks.ts'
import { nextNonce, sendSigned, signCall } from './transact.ts'

/** When a block cannot be undone: the chain's own word, or so many blocks on top where a chain has no such word. */
export type Finality = 'finalized' | { readonly depth: number }

/** What an EVM target needs. */
export interface EvmTargetOptions {
  readonly rpcUrl: string
  /** The chain that is meant; a node on another one is refused. */
  readonly chainId: number
  /** MachineRegistry, 20 bytes. It names the AnchorLog. */
  readonly registry: Uint8Array
  readonly logId: Hash32
  /** Of the log's appender. */
  readonly privateKey: string
  readonly finality: Finality
}

const TREE_HEAD_TOPIC = toEventSelector(getAbiItem({ abi: anchorLogAbi, name: 'TreeHead' }))

/**
 * Opens the log on its chain and checks that this account may extend it.
 * @throws FieldproofError `chain-mismatch`, `contract-missing` also when the log has not begun, `config-invalid` when the
 * account is not the appender or the node gives no state proofs, `rpc-failed`
 */
export async function evmTarget(options: EvmTargetOptions): Promise<AnchorTarget> {
  const { chainId, registry, logId } = options
  const rpc = httpRpc(options.rpcUrl)
  const account = accountOf(options.privateKey)
  const found = await fetchChainId(rpc)
  if (found !== chainId) {
    throw new FieldproofError('chain-mismatch', `the node is on chain ${found}, the configuration names ${chainId}`, {
      facts: { found, want: chainId },
    })
  }
  const anchorLog = readAnchorLog(await fetchCall(rpc, registry, ANCHOR_LOG_CALL))
  const target = new EvmTarget({ ...options, rpc, account, anchorLog })
  await target.head()
  const log = { rpc, registry, anchorLog, logId, memory: new EvidenceMemory() }
  await expectAppender(log, account)
  await expectProofs(log)
  return target
}

interface Wiring extends Omit<EvmTargetOptions, 'rpcUrl' | 'privateKey'> {
  readonly rpc: Rpc
  readonly account: Account
  readonly anchorLog: Uint8Array
}

class EvmTarget implements AnchorTarget {
  readonly caip2: string
  readonly registry: Uint8Array
  readonly anchorLog: Uint8Array
  readonly logId: Hash32
  readonly #wiring: Wiring
  /** Between two tries to collect the evidence of a block. */
  #memory = new EvidenceMemory()
  #memoryOf: Hash32 | null = null

  constructor(wiring: Wiring) {
    this.caip2 = caip2Of(wiring.chainId)
    this.registry = wiring.registry
    this.anchorLog = wiring.anchorLog
    this.logId = wiring.logId
    this.#wiring = wiring
  }

  async head(): Promise<Head> {
    const { size, root } = await this.#readHead()
    if (size > 0) return { size, root }
    throw new FieldproofError('contract-missing', `log 0x${toHex(this.logId)} has not begun in this AnchorLog`, {
      facts: { logId: toRpcData(this.logId) },
    })
  }

  async prepare(
    _from: Head,
    to: Head,
    consistency: readonly Uint8Array[],
    replaces?: PreparedAnchor,
  ): Promise<PreparedAnchor> {
    const { rpc, account, chainId } = this.#wiring
    const hex = (bytes: Uint8Array): `0x${string}` => `0x${toHex(bytes)}`
    const data = encodeFunctionData({
      abi: anchorLogAbi,
      functionName: 'append',
      args: [hex(this.logId), BigInt(to.size), hex(to.root), consistency.map(hex)],
    })
    const call = { to: this.anchorLog, data: fromHex(data), abi: anchorLogAbi }
    const replaced = replaces && { nonce: replaces.nonce, raw: replaces.rawTransaction }
    const { nonce, txHash, raw } = await signCall(rpc, account, chainId, call, replaced)
    return { head: to, nonce, txHash, rawTransaction: raw }
  }

  async send({ nonce, txHash, rawTransaction }: PreparedAnchor): Promise<void> {
    const { rpc, account } = this.#wiring
    const next = await nextNonce(rpc, account)
    if (next < nonce) {
      // After a chain lost blocks. Nodes would take it and let it wait for ever for the one before it.
      throw new FieldproofError(
        'transaction-failed',
        `the account's next nonce is ${next}, the transaction has ${nonce}`,
        {
          facts: { next, nonce },
        },
      )
    }
    await sendSigned(rpc, { txHash, raw: rawTransaction })
  }

  async status(txHash: Hash32): Promise<TransactionStatus> {
    const { rpc } = this.#wiring
    const receipt = await fetchReceipt(rpc, txHash)
    if (receipt === null) {
      const known = await rpc('eth_getTransactionByHash', [toRpcData(txHash)])
      return { kind: known === null ? 'lost' : 'pending' }
    }
    const { blockNumber, blockHash } = receipt
    // Finality first: only then does the comparison below say that the *final* block of that number is this one.
    const final = await this.#finalNumber()
    const canonical = await this.blockHash(blockNumber)
    if (canonical === null || !equalBytes(canonical, blockHash)) return { kind: 'pending' } // in the middle of a reorg
    if (!receipt.succeeded) return { kind: 'reverted', blockNumber }
    return { kind: blockNumber <= final ? 'final' : 'included', blockNumber, blockHash }
  }

  async find(head: Head): Promise<MinedHead | null> {
    const { rpc } = this.#wiring
    const current = await this.#readHead()
    if (current.size !== head.size || !equalBytes(current.root, head.root)) return null
    const block = toRpcQuantity(current.blockNumber)
    const topics = [TREE_HEAD_TOPIC, toRpcData(this.logId)]
    const logs = await rpc('eth_getLogs', [
      { address: toRpcData(this.anchorLog), topics, fromBlock: block, toBlock: block },
    ])
    for (const item of Array.isArray(logs) ? logs : []) {
      const txHash = this.#txOfHead(item, head)
      const receipt = txHash && (await fetchReceipt(rpc, txHash))
      if (!receipt) continue
      const { blockNumber, blockHash, transactionHash } = receipt
      return { nonce: await this.#nonceOf(transactionHash), txHash: transactionHash, blockNumber, blockHash }
    }
    return null
  }

  async gasPrice(): Promise<bigint> {
    return currentGasPrice(this.#wiring.rpc)
  }

  async evidence(head: Head, minedIn: MinedBlock, wanted: EvidenceWanted): Promise<AnchorEvidence> {
    const { registry, anchorLog, logId } = this
    const { blockHash } = minedIn
    if (this.#memoryOf === null || !equalBytes(this.#memoryOf, blockHash)) this.#memory = new EvidenceMemory()
    this.#memoryOf = blockHash
    const log = { rpc: this.#wiring.rpc, registry, anchorLog, logId, memory: this.#memory }
    const collected = await collectAnchored(log, head, minedIn, wanted, () => this.#finalNumber())
    this.#memoryOf = null
    return collected
  }

  async blockHash(blockNumber: number): Promise<Hash32 | null> {
    return (await fetchBlock(this.#wiring.rpc, blockNumber))?.hash ?? null
  }

  async finalised(): Promise<{ chainId: number; number: number; hash: Hash32; timestamp: number }> {
    const { rpc, chainId } = this.#wiring
    const block = await fetchBlock(rpc, await this.#finalNumber())
    if (block === null) throw new FieldproofError('rpc-failed', 'the node lost its finalised block')
    return { chainId, ...block }
  }

  async #readHead(): Promise<ReturnType<typeof readHead>> {
    return readHead(await fetchCall(this.#wiring.rpc, this.anchorLog, headCall(this.logId)))
  }

  async #finalNumber(): Promise<number> {
    const { rpc, finality } = this.#wiring
    const block = await fetchBlock(rpc, finality === 'finalized' ? 'finalized' : 'latest')
    if (block === null) throw new FieldproofError('rpc-failed', 'the node knows no finalised block yet')
    return finality === 'finalized' ? block.number : Math.max(0, block.number - finality.depth)
  }

  #txOfHead(item: unknown, head: Head): Hash32 | null {
    const fields = readObject(item, 'log')
    const topics = Array.isArray(fields['topics']) ? fields['topics'].map((t) => readData(t, 'log.topic', 32)) : []
    const event = readTreeHead(topics, readData(fields['data'], 'log.data'))
    if (event === null || event.size !== head.size || !equalBytes(event.root, head.root)) return null
    return hash32(readData(fields['transactionHash'], 'log.transactionHash', 32))
  }

  async #nonceOf(txHash: Hash32): Promise<number> {
    const transaction = readObject(
      await this.#wiring.rpc('eth_getTransactionByHash', [toRpcData(txHash)]),
      'transaction',
    )
    return readQuantity(transaction['nonce'], 'transaction.nonce')
  }
}
