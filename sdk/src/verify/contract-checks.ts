/** The checks of what the contracts say about machines: enrolment and home log, at the anchor's block. */
import { equalBytes, type Hash32, type MachineId, machineIdBytes, toHex } from '../base/index.ts'
import type { Statement } from '../crypto/index.ts'
import type { HomeEntry, KeyEntry } from '../evm/index.ts'
import type { ReadStatement } from './bundle-checks.ts'
import type { ContractView } from './contract-view.ts'
import { refuse } from './report.ts'

/** Every key is enrolled for its machine and was in force at the anchor's block, for that sequence (ANCHOR-11). */
export async function checkEnrolment(
  views: readonly ContractView[],
  statements: readonly ReadStatement[],
  anchorBlock: number,
): Promise<string> {
  const reasons = new Set<string>()
  for (const view of views) {
    for (const statement of statements) {
      const { machine } = statement.signed.statement
      const entry = await view.keyEntry(statement.thumbprint)
      if (entry === null) return refuse('unknown-key', `the key of ${machine} is not enrolled in the registry`)
      assertInForce(entry, statement.signed.statement, anchorBlock)
      // ANCHOR-13: no contract checks the signature of an Ed25519 key.
      const proven = statement.key.alg === -9 ? '' : '; possession of the key was not proven on chain'
      const retired = entry.retiredBlock > anchorBlock ? `; retired later, in block ${entry.retiredBlock}` : ''
      const revoked = entry.revokedBlock > anchorBlock ? `; revoked later, in block ${entry.revokedBlock}` : ''
      reasons.add(
        `machine ${machine}, as it is ${view.asOf}: enrolled in block ${entry.fromBlock}${proven}${retired}${revoked}`,
      )
    }
  }
  return [...reasons].join('; ')
}

/**
 * The key was one of that machine and in force for that sequence at a block (ANCHOR-11).
 * @throws FieldproofError `unknown-key`, `revoked-key`
 */
export function assertInForce(
  entry: KeyEntry,
  { machine, sequence }: Pick<Statement, 'machine' | 'sequence'>,
  anchorBlock: number,
): void {
  const { fromBlock, retiredSequence, retiredBlock, revokedBlock } = entry
  if (!equalBytes(entry.machine, machineIdBytes(machine))) refuse('unknown-key', `the key is not one of ${machine}`)
  if (fromBlock === 0) refuse('unknown-key', `the key of ${machine} is not enrolled in the registry`)
  if (fromBlock > anchorBlock) refuse('unknown-key', `enrolled in block ${fromBlock}, after the anchor`)
  if (revokedBlock !== 0 && revokedBlock <= anchorBlock) {
    refuse('revoked-key', `revoked in block ${revokedBlock}, anchored in block ${anchorBlock}`)
  }
  if (retiredBlock !== 0 && retiredBlock <= anchorBlock && sequence >= retiredSequence) {
    const end = `retired in block ${retiredBlock} from sequence ${retiredSequence} on`
    refuse('revoked-key', `${end}, this is ${sequence}, anchored in block ${anchorBlock}`)
  }
}

/** The log was the home of every machine at the anchor's block (ANCHOR-14). */
export async function checkHome(
  views: readonly ContractView[],
  statements: readonly ReadStatement[],
  logId: Hash32,
  anchorBlock: number,
): Promise<string> {
  const log = `log ${toHex(logId)}`
  for (const view of views) {
    for (const machine of new Set(statements.map(({ signed }) => signed.statement.machine))) {
      const home = await view.homeEntry(machine, logId)
      if (home === null) return refuse('proof-invalid', `${log} never was the home of ${machine}`)
      assertHomeAt(home, machine, anchorBlock)
    }
  }
  return log
}

/** The log was the machine's home at a block (ANCHOR-14). @throws FieldproofError `proof-invalid` */
export function assertHomeAt({ sinceBlock, untilBlock }: HomeEntry, machine: MachineId, anchorBlock: number): void {
  if (sinceBlock !== 0 && sinceBlock <= anchorBlock && (untilBlock === 0 || anchorBlock < untilBlock)) return
  refuse('proof-invalid', `the log was the home of ${machine} from block ${sinceBlock} to ${untilBlock || 'now'}`)
}
