/** Whether heads on the chain and in the store are heads of this log: a restored database would sign a second history. */
import { equalBytes, FieldproofError } from '@fieldproof/sdk/base'
import type { LogHeads } from './anchor-events.ts'
import type { AnchorTarget, Head } from './ports.ts'

/** @param where whose head it is, for people @throws FieldproofError `store-behind-chain` */
export function expectInLog(log: LogHeads, head: Head, where: string): void {
  const { size } = log.current()
  if (head.size <= size && equalBytes(log.rootAt(head.size), head.root)) return
  const why = head.size > size ? `this log has ${size} leaves` : 'this log has another root at that size'
  throw new FieldproofError('store-behind-chain', `${where} has a head of size ${head.size}, ${why}`, {
    facts: { where, chainSize: head.size, logSize: size },
  })
}

/** The contract's head, which is one of this log. @throws FieldproofError `store-behind-chain`, `rpc-failed` */
export async function chainHead(target: AnchorTarget, log: LogHeads): Promise<Head> {
  const head = await target.head()
  expectInLog(log, head, 'the contract')
  return head
}
