/** The checks of what the contracts say about machines: enrolment and home log, at the anchor's block. */
import { equalBytes, type Hash32, machineIdBytes, toHex } from '../base/index.ts'
import type { KeyEntry } from '../evm/index.ts'
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
      assertInForce(entry, statement, anchorBlock)
      const proven = entry.possessionProven ? '' : '; possession of the key was not proven on chain'
      const later = entry.revokedBlock === 0 ? '' : `; revoked later, in block ${entry.revokedBlock}`
      reasons.add(`machine ${machine}, enrolled in block ${entry.fromBlock}${proven}${later}`)
    }
  }
  return [...reasons].join('; ')
}

function assertInForce(entry: KeyEntry, { signed }: ReadStatement, anchorBlock: number): void {
  const { machine, sequence } = signed.statement
  const { fromBlock, revokedBlock, retiredSequence } = entry
  if (!equalBytes(entry.machine, machineIdBytes(machine))) refuse('unknown-key', `the key is not one of ${machine}`)
  if (fromBlock > anchorBlock) refuse('unknown-key', `enrolled in block ${fromBlock}, after the anchor`)
  if (revokedBlock !== 0 && revokedBlock <= anchorBlock) {
    refuse('revoked-key', `revoked in block ${revokedBlock}, anchored in block ${anchorBlock}`)
  }
  if (retiredSequence !== 0 && sequence >= retiredSequence) {
    refuse('revoked-key', `retired from sequence ${retiredSequence} on, this is ${sequence}`)
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
      const { sinceBlock, untilBlock } = home
      if (sinceBlock > anchorBlock || (untilBlock !== 0 && untilBlock <= anchorBlock)) {
        refuse('proof-invalid', `the log was the home of ${machine} from block ${sinceBlock} to ${untilBlock || 'now'}`)
      }
    }
  }
  return log
}
