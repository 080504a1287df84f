import { type Rpc, toRpcQuantity } from '@fieldproof/sdk/evm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { accountOf } from '../../src/anchor/accounts.ts'
import { currentGasPrice, marketFees } from '../../src/anchor/fees.ts'
import { httpRpc } from '../../src/anchor/http-rpc.ts'
import { nextNonce, signCall, transact } from '../../src/anchor/transact.ts'
import { type AnvilKit, RELAY, startAnvil, until } from './anvil-kit.ts'

const ACCOUNT = accountOf(RELAY)
const CALL = { to: new Uint8Array(20).fill(5), data: new Uint8Array(0) }

let kit: AnvilKit

beforeAll(async () => {
  kit = await startAnvil()
})

afterAll(() => kit.chain.stop())

/** The real node, which first says a nonce that is taken by now, so many times. */
function behind(times: number): Rpc {
  let left = times
  return async (method, params) => {
    const answer = await kit.rpc(method, params)
    if (method !== 'eth_getTransactionCount' || left-- <= 0) return answer
    return toRpcQuantity(Number(answer) - 1)
  }
}

describe('a transaction that is awaited', () => {
  it('is signed anew when somebody else took its nonce', async () => {
    await transact(kit.rpc, ACCOUNT, 31337, CALL, 5_000)
    const nonce = await nextNonce(kit.rpc, ACCOUNT)
    const receipt = await transact(behind(2), ACCOUNT, 31337, CALL, 5_000)
    expect(receipt.succeeded).toBe(true)
    expect(await nextNonce(kit.rpc, ACCOUNT)).toBe(nonce + 1)
  })

  it('is given up when the nonce is taken again and again', async () => {
    await expect(transact(behind(5), ACCOUNT, 31337, CALL, 5_000)).rejects.toMatchObject({
      code: 'transaction-failed',
      facts: { isNonceTaken: true },
    })
  })

  it('does not hold up the next one of its account when it fails', async () => {
    const bad = transact(behind(5), ACCOUNT, 31337, CALL, 5_000)
    const good = transact(kit.rpc, ACCOUNT, 31337, CALL, 5_000)
    await expect(bad).rejects.toBeDefined()
    expect((await good).succeeded).toBe(true)
  })

  it('says when it was not mined in time', async () => {
    await kit.hold()
    const late = transact(kit.rpc, ACCOUNT, 31337, CALL, 50)
    await expect(late).rejects.toMatchObject({ code: 'deadline-passed' })
    await kit.mine()
    await kit.rpc('evm_setAutomine', [true])
  })

  it('says when it was mined and reverted', async () => {
    // Reverts in every other block, so that the trial passes and the transaction does not.
    const alternating = '600143166008575b005b600080fd'
    const init = `0x6d${alternating}600052600e6012f3`
    const from = `0x${Buffer.from(ACCOUNT.address).toString('hex')}`
    const hash = await kit.rpc('eth_sendTransaction', [{ from, data: init }])
    // A busy anvil answers before it has mined.
    await until(async () => (await kit.rpc('eth_getTransactionReceipt', [hash])) !== null)
    const { contractAddress } = (await kit.rpc('eth_getTransactionReceipt', [hash])) as { contractAddress: string }
    const to = Uint8Array.from(Buffer.from(contractAddress.slice(2), 'hex'))
    const attempt = (): Promise<unknown> => transact(kit.rpc, ACCOUNT, 31337, { to, data: new Uint8Array(0) }, 5_000)
    const outcomes = await Promise.allSettled([attempt(), attempt()])
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'transaction-failed' })
    }
    expect(outcomes.some((outcome) => outcome.status === 'rejected')).toBe(true)
  })
})

describe('a replacement', () => {
  it('takes the nonce of what it replaces, or an earlier one that came free', async () => {
    const first = await signCall(kit.rpc, ACCOUNT, 31337, CALL)
    expect((await signCall(kit.rpc, ACCOUNT, 31337, CALL, first)).nonce).toBe(first.nonce)
    expect((await signCall(behind(1), ACCOUNT, 31337, CALL, first)).nonce).toBe(first.nonce - 1)
    expect((await signCall(behind(-1), ACCOUNT, 31337, CALL, { ...first, nonce: 0 })).nonce).toBe(0)
  })
})

describe('fees', () => {
  it('hold for a doubled base fee, and the price now is below the limit', async () => {
    const { maxFeePerGas, maxPriorityFeePerGas } = await marketFees(kit.rpc)
    const price = await currentGasPrice(kit.rpc)
    expect(price).toBeLessThan(maxFeePerGas)
    expect(2n * (price - maxPriorityFeePerGas) + maxPriorityFeePerGas).toBe(maxFeePerGas)
  })

  it('take a gwei of tip where the node suggests none', async () => {
    const silent: Rpc = async (method, params) =>
      httpRpc(kit.chain.url)(method === 'eth_maxPriorityFeePerGas' ? 'eth_noSuchMethod' : method, params)
    expect((await marketFees(silent)).maxPriorityFeePerGas).toBe(1_000_000_000n)
  })
})
