/** What a transaction offers to pay (EIP-1559), and how much more a replacement must offer. */
import { toHex } from '@fieldproof/sdk/base'
import { type Rpc, readObject, readQuantity } from '@fieldproof/sdk/evm'
import { parseTransaction } from 'viem'
import { nodeComplaint } from './http-rpc.ts'

/** Wei per gas. */
export interface Fees {
  readonly maxFeePerGas: bigint
  readonly maxPriorityFeePerGas: bigint
}

/** Tip where the node suggests none: 1 gwei. */
const DEFAULT_TIP = 1_000_000_000n

/** Fees that hold for a few full blocks: twice the base fee, and the tip that the node suggests. */
export async function marketFees(rpc: Rpc): Promise<Fees> {
  const block = readObject(await rpc('eth_getBlockByNumber', ['latest', false]), 'block')
  const baseFee = BigInt(readQuantity(block['baseFeePerGas'], 'block.baseFeePerGas'))
  const maxPriorityFeePerGas = await suggestedTip(rpc)
  return { maxFeePerGas: 2n * baseFee + maxPriorityFeePerGas, maxPriorityFeePerGas }
}

/** Wei per gas that a transaction would pay now. */
export async function currentGasPrice(rpc: Rpc): Promise<bigint> {
  const { maxFeePerGas, maxPriorityFeePerGas } = await marketFees(rpc)
  return (maxFeePerGas - maxPriorityFeePerGas) / 2n + maxPriorityFeePerGas
}

async function suggestedTip(rpc: Rpc): Promise<bigint> {
  try {
    return BigInt(readQuantity(await rpc('eth_maxPriorityFeePerGas', []), 'eth_maxPriorityFeePerGas'))
  } catch (error) {
    if (nodeComplaint(error) === null) throw error
    return DEFAULT_TIP // the method is optional
  }
}

/** Fees for a replacement: nodes want both at least 10 % up, this gives 12.5 %, or the market where that is higher. */
export function raisedFees(market: Fees, replaced: Fees): Fees {
  const raise = (fee: bigint, old: bigint): bigint => {
    const least = (old * 9n) / 8n + 1n
    return fee > least ? fee : least
  }
  return {
    maxFeePerGas: raise(market.maxFeePerGas, replaced.maxFeePerGas),
    maxPriorityFeePerGas: raise(market.maxPriorityFeePerGas, replaced.maxPriorityFeePerGas),
  }
}

/** Fees that a raw transaction offers. */
export function feesOf(raw: Uint8Array): Fees {
  const { maxFeePerGas = 0n, maxPriorityFeePerGas = 0n } = parseTransaction(`0x02${toHex(raw.subarray(1))}`)
  return { maxFeePerGas, maxPriorityFeePerGas }
}
