/** When a new head is worth a transaction. Heads are cumulative, so waiting loses nothing but time. */
import { FieldproofError } from '@fieldproof/sdk/base'

/** When to anchor, and when to pay more for it. */
export interface AnchorPolicy {
  /** Shortest time between two anchors, in ms. */
  readonly everyMs: number
  /** Wait until so many leaves are not anchored yet; 1 by default. */
  readonly minBatches?: number
  /** No leaf waits longer than this for `minBatches` or for a cheaper price, in ms. `everyMs` still holds. */
  readonly maxDelayMs: number
  /** Wait for a price of at most this, in wei per gas. */
  readonly maxFeePerGas?: bigint
  /** First replacement of a transaction that stays pending, in ms; each further one waits twice as long. 20 s by default. */
  readonly bumpAfterMs?: number
}

/** What the policy looks at. Times in ms. */
export interface Situation {
  /** Leaves that no anchor holds. */
  readonly waitingLeaves: number
  /** Since the first of them was seen. */
  readonly waitedMs: number
  /** Since the last anchor was made; infinite before the first. */
  readonly sinceLastMs: number
}

/** Nodes pass a better-paying transaction on only when it has had the time to be passed over. */
const BUMP_AFTER_MS = 20_000

/** @throws FieldproofError `config-invalid`, naming the first bad number */
export function checkPolicy(policy: AnchorPolicy): AnchorPolicy {
  const numbers = { minBatches: 1, bumpAfterMs: BUMP_AFTER_MS, ...policy }
  for (const name of ['everyMs', 'maxDelayMs', 'minBatches', 'bumpAfterMs'] as const) {
    const value = numbers[name]
    const least = name === 'minBatches' || name === 'bumpAfterMs' ? 1 : 0
    if (!Number.isSafeInteger(value) || value < least) {
      throw new FieldproofError('config-invalid', `anchor.${name}: want a whole number from ${least} on`, {
        facts: { name, value },
      })
    }
  }
  return policy
}

/** Whether to anchor now. @param gasPrice asked only when it matters; wei per gas */
export async function isDue(
  policy: AnchorPolicy,
  { waitingLeaves, waitedMs, sinceLastMs }: Situation,
  gasPrice: () => Promise<bigint>,
): Promise<boolean> {
  if (waitingLeaves <= 0 || sinceLastMs < policy.everyMs) return false
  if (waitedMs >= policy.maxDelayMs) return true
  if (waitingLeaves < (policy.minBatches ?? 1)) return false
  return policy.maxFeePerGas === undefined || (await gasPrice()) <= policy.maxFeePerGas
}

/**
 * How long a transaction may stay pending before it is replaced, in ms. Doubling bounds what a halted chain can drive the
 * price up to: after a day about four times the first.
 * @param sent transactions sent for this anchor, at least 1
 */
export function patienceMs(policy: AnchorPolicy, sent: number): number {
  return (policy.bumpAfterMs ?? BUMP_AFTER_MS) * 2 ** (sent - 1)
}
