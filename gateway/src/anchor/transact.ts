/**
 * Signing, sending and awaiting transactions (EIP-1559). Signing and sending are apart, so that a signed transaction can be
 * stored in between.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { FieldproofError, fromHex, type Hash32, hash32, toHex } from '@fieldproof/sdk/base'
import {
  fetchReceipt,
  keccak256,
  type Rpc,
  readQuantity,
  type TransactionReceipt,
  toRpcData,
} from '@fieldproof/sdk/evm'
import { type Abi, type DecodeErrorResultReturnType, decodeErrorResult } from 'viem'
import type { Account } from './accounts.ts'
import { feesOf, marketFees, raisedFees } from './fees.ts'
import { nodeComplaint } from './http-rpc.ts'

/** What a transaction does. */
export interface Call {
  /** 20 bytes; null creates a contract. */
  readonly to: Uint8Array | null
  readonly data: Uint8Array
  /** For naming the contract's refusals. */
  readonly abi?: Abi
}

/** A signed transaction. */
export interface Signed {
  readonly nonce: number
  readonly txHash: Hash32
  readonly raw: Uint8Array
}

/** An estimate is of the newest state; the state that the transaction meets may differ. */
const GAS_MARGIN = 1.25
const POLL_MS = 100

/**
 * Tries a call on the newest state and signs it; sends nothing.
 * @param replaces takes its nonce and outbids it; without it the nonce is the next one, after what is pending
 * @throws FieldproofError `transaction-failed` when the call would be reverted, `rpc-failed`, `rpc-invalid`
 */
export async function signCall(
  rpc: Rpc,
  account: Account,
  chainId: number,
  call: Call,
  replaces?: Pick<Signed, 'nonce' | 'raw'>,
): Promise<Signed> {
  const gas = await estimateGas(rpc, account, call)
  const market = await marketFees(rpc)
  // An earlier nonce than that of the replaced one is free after a reorganisation dropped a transaction before it: without
  // this, both would wait for ever.
  const nonce = Math.min(await nextNonce(rpc, account), replaces?.nonce ?? Number.POSITIVE_INFINITY)
  const fees = replaces === undefined ? market : raisedFees(market, feesOf(replaces.raw))
  const signed = await account.signTransaction({
    type: 'eip1559',
    chainId,
    nonce,
    gas: BigInt(Math.ceil(gas * GAS_MARGIN)),
    data: `0x${toHex(call.data)}`,
    ...(call.to === null ? {} : { to: `0x${toHex(call.to)}` as const }),
    ...fees,
  })
  const raw = fromHex(signed)
  return { nonce, txHash: keccak256(raw), raw }
}

/** Next nonce of an account, counting what is pending. */
export async function nextNonce(rpc: Rpc, account: Account): Promise<number> {
  const params = [toRpcData(account.address), 'pending']
  return readQuantity(await rpc('eth_getTransactionCount', params), 'eth_getTransactionCount')
}

async function estimateGas(rpc: Rpc, account: Account, call: Call): Promise<number> {
  const request = {
    from: toRpcData(account.address),
    data: toRpcData(call.data),
    ...(call.to === null ? {} : { to: toRpcData(call.to) }),
  }
  try {
    // On `latest`: with the pending transaction already applied, its own replacement would look useless.
    return readQuantity(await rpc('eth_estimateGas', [request, 'latest']), 'eth_estimateGas')
  } catch (error) {
    if (nodeComplaint(error) === null) throw error
    throw refusalOf(error, call.abi)
  }
}

/** `transaction-failed` with the fact `revert` when a contract refused, by its own error's name where the ABI has it. */
function refusalOf(error: unknown, abi: Abi | undefined): FieldproofError {
  const facts = error instanceof FieldproofError ? error.facts : {}
  const rpcMessage = String(facts['rpcMessage'] ?? 'no reason given')
  const { revertData } = facts
  if (typeof revertData !== 'string') {
    return new FieldproofError('transaction-failed', `the node would not take the transaction: ${rpcMessage}`, {
      facts: { rpcMessage },
      cause: error,
    })
  }
  const revert = decodeRevert(revertData, abi) ?? revertData
  return new FieldproofError('transaction-failed', `the contract refuses: ${revert === '0x' ? rpcMessage : revert}`, {
    facts: { revert, rpcMessage },
    cause: error,
  })
}

function decodeRevert(data: string, abi: Abi | undefined): string | null {
  if (data === '0x' || abi === undefined) return null
  let decoded: DecodeErrorResultReturnType
  try {
    decoded = decodeErrorResult({ abi, data: data as `0x${string}` })
  } catch {
    return null // an error of another contract; its raw data says which
  }
  return `${decoded.errorName}(${(decoded.args ?? []).join(', ')})`
}

/**
 * Sends a signed transaction. One that the node has, or that is mined already, counts as sent.
 * @throws FieldproofError `transaction-failed` when the node refuses it, `rpc-failed` when nobody answered: it may be sent
 */
export async function sendSigned(rpc: Rpc, signed: Pick<Signed, 'txHash' | 'raw'>): Promise<void> {
  try {
    await rpc('eth_sendRawTransaction', [toRpcData(signed.raw)])
  } catch (error) {
    const complaint = nodeComplaint(error)
    if (complaint === null) throw error
    if (/already (known|imported|exists)|known transaction|alreadyknown/i.test(complaint)) return
    // "nonce too low" is also what a node says of a transaction that is mined.
    if ((await rpc('eth_getTransactionByHash', [toRpcData(signed.txHash)])) !== null) return
    throw new FieldproofError('transaction-failed', `the node refused the transaction: ${complaint}`, {
      facts: { rpcMessage: complaint, isNonceTaken: /nonce|underpriced/i.test(complaint) },
      cause: error,
    })
  }
}

// Two calls of one account would take the same nonce. Keyed by address: the same key may serve several chains, at no harm.
const queues = new Map<string, Promise<unknown>>()

/**
 * Signs, sends and awaits inclusion. Calls of one account queue for their nonces; when somebody else took the nonce it is
 * tried again.
 * @throws FieldproofError `transaction-failed` when refused or reverted, `deadline-passed`, `rpc-failed`
 */
export async function transact(
  rpc: Rpc,
  account: Account,
  chainId: number,
  call: Call,
  deadlineMs: number,
): Promise<TransactionReceipt> {
  const queue = toHex(account.address)
  const sending = (queues.get(queue) ?? Promise.resolve()).then(() => signAndSend(rpc, account, chainId, call))
  queues.set(
    queue,
    sending.catch(() => undefined), // its own caller hears of it
  )
  const receipt = await awaitReceipt(rpc, await sending, deadlineMs)
  if (receipt.succeeded) return receipt
  throw new FieldproofError('transaction-failed', `the transaction was reverted in block ${receipt.blockNumber}`, {
    facts: { txHash: toRpcData(receipt.transactionHash), blockNumber: receipt.blockNumber },
  })
}

async function signAndSend(rpc: Rpc, account: Account, chainId: number, call: Call): Promise<Hash32> {
  for (let attempt = 1; ; attempt++) {
    const signed = await signCall(rpc, account, chainId, call)
    try {
      await sendSigned(rpc, signed)
      return signed.txHash
    } catch (error) {
      const isNonceTaken = error instanceof FieldproofError && error.facts['isNonceTaken'] === true
      if (!isNonceTaken || attempt === 5) throw error
    }
  }
}

async function awaitReceipt(rpc: Rpc, txHash: Hash32, deadlineMs: number): Promise<TransactionReceipt> {
  const end = performance.now() + deadlineMs
  for (;;) {
    const receipt = await fetchReceipt(rpc, hash32(txHash))
    if (receipt !== null) return receipt
    if (performance.now() > end) {
      throw new FieldproofError('deadline-passed', `the transaction was not mined within ${deadlineMs} ms`, {
        facts: { txHash: toRpcData(txHash) },
      })
    }
    await delay(POLL_MS)
  }
}
