/** Who says which keys are enrolled. On a chain it is the MachineRegistry; the gateway only believes it. */
import type { Hash32 } from '@fieldproof/sdk/base'
import type { HomeEntry, KeyEntry } from '@fieldproof/sdk/evm'

/** Looks keys up where they are enrolled. */
export interface KeyRegistry {
  /** Entry of a key, or null when it is not enrolled. @throws FieldproofError `rpc-failed` when nobody answers */
  keyOf(thumbprint: Hash32): Promise<KeyEntry | null>
  /** Home log of a machine (16 bytes), or null when it has none. Left out where machines have no home. */
  homeOf?(machine: Uint8Array): Promise<Hash32 | null>
  /** When a log was the home of a machine (16 bytes), or null when it never was. Left out where machines have no home. */
  homeSince?(machine: Uint8Array, logId: Hash32): Promise<HomeEntry | null>
}

/**
 * Takes every key for the first key of its own machine. For trying things out without a chain: it enrols whoever
 * connects, so it is no protection at all.
 */
export const everyKeyEnrolled: KeyRegistry = {
  async keyOf(thumbprint) {
    return {
      machine: thumbprint.slice(0, 16),
      fromBlock: 1,
      retiredSequence: 0,
      retiredBlock: 0,
      revokedBlock: 0,
    }
  },
}
