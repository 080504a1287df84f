/** Whether a verifier would take statements under an anchor, by what the registry says of their keys and machines (ANCHOR-11, -14). */
import { type Code, FieldproofError, type Hash32, type MachineId, machineIdBytes } from '@fieldproof/sdk/base'
import type { HomeEntry, KeyEntry } from '@fieldproof/sdk/evm'
import { assertHomeAt, assertInForce, type NamedSigner } from '@fieldproof/sdk/verify'
import type { KeyRegistry } from '../ingest/key-registry.ts'

/** Entries of the signers of a proof; null for what was never enrolled, left out for what nobody asked. */
export interface Entries {
  /** By the number of the key. */
  readonly keys: readonly (KeyEntry | null | undefined)[]
  /** By machine, in the order of their first statements. */
  readonly homes: readonly (HomeEntry | null | undefined)[]
}

/** Questions to the registry's node at the same time. */
const AT_ONCE = 8

/** The newest entries, as a verifier with a node reads them; null when no node answers: the proof is made all the same. */
export async function newestEntries(
  signers: readonly NamedSigner[],
  registry: KeyRegistry,
  logId: Hash32,
): Promise<Entries | null> {
  const thumbprints: Hash32[] = []
  for (const { source, thumbprint } of signers) thumbprints[source.key] = thumbprint
  try {
    const keys = await inGroups(thumbprints, (thumbprint) => registry.keyOf(thumbprint))
    const homes = await inGroups(machinesOf(signers), async (machine) =>
      registry.homeSince?.(machineIdBytes(machine), logId),
    )
    return { keys, homes }
  } catch (error) {
    if (error instanceof FieldproofError && NO_ANSWER.includes(error.code)) return null
    throw error
  }
}

/** Whether all keys were in force, and the log was the home of all machines, at a block. */
export function areInForce(signers: readonly NamedSigner[], { keys, homes }: Entries, blockNumber: number): boolean {
  try {
    for (const { source, signed } of signers) {
      const entry = keys[source.key]
      if (entry === null) return false
      if (entry !== undefined) assertInForce(entry, signed.statement, blockNumber)
    }
    for (const [i, machine] of machinesOf(signers).entries()) {
      const home = homes[i]
      if (home === null) return false
      if (home !== undefined) assertHomeAt(home, machine, blockNumber)
    }
    return true
  } catch (error) {
    if (error instanceof FieldproofError && REFUSED.includes(error.code)) return false
    throw error
  }
}

const NO_ANSWER: readonly Code[] = ['rpc-failed', 'rpc-invalid', 'contract-missing']
const REFUSED: readonly Code[] = ['proof-invalid', 'unknown-key', 'revoked-key']

function machinesOf(signers: readonly NamedSigner[]): readonly MachineId[] {
  return [...new Set(signers.map(({ signed }) => signed.statement.machine))]
}

async function inGroups<T, R>(items: readonly T[], ask: (item: T) => Promise<R>): Promise<R[]> {
  const answers: R[] = []
  for (let from = 0; from < items.length; from += AT_ONCE) {
    answers.push(...(await Promise.all(items.slice(from, from + AT_ONCE).map(ask))))
  }
  return answers
}
