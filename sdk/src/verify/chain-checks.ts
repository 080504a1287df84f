/** Runs the checks that need the chain, in their order: by a transaction that a node knows, or by a state that the file brings. */
import { equalBytes, toHex } from '../base/index.ts'
import type { Block, Rpc } from '../evm/index.ts'
import type { StateAnchor, TransactionAnchor } from './bundle.ts'
import type { ReadStatement } from './bundle-checks.ts'
import { checkEnrolment, checkHome } from './contract-checks.ts'
import { type ContractView, nodeView, stateView } from './contract-view.ts'
import type { CheckedFile } from './file-checks.ts'
import { beaconTimeOf, blocksOf, checkFinal, checkNodeChain, checkTransaction } from './node-checks.ts'
import { type Checklist, refuse, Unchecked } from './report.ts'
import { assertNamed, beaconTimes, checkHead, type ProvenState, proveState } from './state-checks.ts'
import { type ChainAccess, type Trust, trustedChain } from './trust.ts'

/** When statements were signed. */
export interface Bounds {
  /** Seconds since 1970 of the block that a statement is known to be newer than; unverified for those that are not in it. */
  readonly notBefore: ReadonlyMap<ReadStatement, number>
  /** Seconds since 1970 of the anchor's block; null when unverified. */
  readonly notAfter: number | null
}

/** What all of the checks need. */
interface Wanted extends ChainAccess {
  readonly list: Checklist
  readonly file: CheckedFile
  readonly trust: Trust
}

/** Checks a file that agrees with itself against the chain. */
export async function checkOnChain(wanted: Wanted): Promise<Bounds> {
  const { anchor } = wanted.file.bundle
  return anchor.kind === 'state' ? checkState(wanted, anchor) : checkByNode(wanted, anchor)
}

async function checkByNode(wanted: Wanted, anchor: TransactionAnchor): Promise<Bounds> {
  const { list, file, trust, rpc, blockHash } = wanted
  const { statements } = file
  let chainId = 0
  let anchorLog: Uint8Array = new Uint8Array()
  let block: Block | undefined
  await list.run('chain', async () => {
    if (rpc !== undefined) chainId = await checkNodeChain(rpc, trust.chainId, anchor)
    else trustedChain(trust, anchor)
    return anchor.caip2
  })
  const node = (): Rpc => {
    if (rpc !== undefined) return rpc
    throw new Unchecked('this proof names a transaction, so a node has to be asked; a proof with the state needs none')
  }
  const views: ContractView[] = []
  await list.run('contracts', async () => {
    const view = nodeView(node(), trust.registry)
    views.push(view)
    anchorLog = await view.anchorLog()
    return `registry 0x${toHex(trust.registry)}, AnchorLog 0x${toHex(anchorLog)}`
  })
  await list.run('enrolment', () => checkEnrolment(views, statements, anchor.blockNumber))
  await list.run('home', () => checkHome(views, statements, anchor.logId, anchor.blockNumber))
  await list.run('anchor', async () => {
    block = await checkTransaction(node(), anchorLog, anchor, file.root)
    return `size ${anchor.size} in block ${block.number}, transaction 0x${toHex(anchor.txHash)}`
  })
  let isFinal = false
  await list.run('final', async () => {
    if (blockHash !== undefined) assertNamed(anchor.blockNumber, anchor.blockHash, blockHash)
    const reason = await checkFinal(node(), anchor.blockNumber, anchor.blockHash)
    isFinal = true
    return reason
  })
  const blocks = blocksOf(node)
  const notBefore = await checkBeacons(list, statements, async ({ signed }) => {
    const { beacon } = signed.statement
    return beacon && beaconTimeOf(await blocks(beacon.blockNumber), beacon, chainId, anchor)
  })
  return { notBefore, notAfter: isFinal ? (block?.timestamp ?? null) : null }
}

async function checkState(wanted: Wanted, anchor: StateAnchor): Promise<Bounds> {
  const { list, file, trust, rpc, blockHash } = wanted
  const { statements } = file
  let chainId = 0
  let proven: ProvenState | undefined
  const state = (): ProvenState => proven ?? refuse('proof-invalid', 'no state')
  const views: ContractView[] = []
  await list.run('chain', async () => {
    chainId = rpc === undefined ? trustedChain(trust, anchor) : await checkNodeChain(rpc, trust.chainId, anchor)
    return anchor.caip2
  })
  await list.run('contracts', async () => {
    proven = proveState(anchor, statements, trust.registry, chainId)
    views.push(stateView(proven))
    if (rpc !== undefined) views.push(nodeView(rpc, trust.registry))
    return sameAnchorLog(views, trust)
  })
  const anchorBlock = (): number => state().answers.head.blockNumber
  await list.run('enrolment', () => checkEnrolment(views, statements, anchorBlock()))
  await list.run('home', () => checkHome(views, statements, anchor.logId, anchorBlock()))
  await list.run('anchor', () => checkHead(state(), anchor.size, file.root))
  let isKnown = false
  await list.run('final', async () => {
    const { number, hash } = state().header
    if (rpc === undefined && blockHash === undefined) throw new Unchecked(`say which hash block ${number} has`)
    const named = blockHash === undefined ? [] : [assertNamed(number, hash, blockHash)]
    const final = rpc === undefined ? [] : [await checkFinal(rpc, number, hash)]
    isKnown = true
    return [...named, ...final].join('; ')
  })
  const times = proven && beaconTimes(proven, chainId)
  const notBefore = await checkBeacons(list, statements, async (statement) => times?.(statement) ?? null)
  // A state of nobody's chain proves no time.
  return { notBefore: isKnown ? notBefore : new Map(), notAfter: isKnown ? state().answers.head.time : null }
}

/** Every view names the same AnchorLog. */
async function sameAnchorLog(views: readonly ContractView[], { registry }: Trust): Promise<string> {
  const [first, ...rest] = await Promise.all(views.map((view) => view.anchorLog()))
  if (first === undefined || rest.some((other) => !equalBytes(first, other))) {
    return refuse('proof-invalid', 'the node names another AnchorLog than the proven state')
  }
  return `registry 0x${toHex(registry)}, AnchorLog 0x${toHex(first)}`
}

/**
 * Lower bounds, one a statement. All are looked up before the check is judged, so that one statement without a good beacon
 * leaves its own rows unbounded and no others.
 * @param timeOf time of the block that a statement names, null when nothing proves it
 */
async function checkBeacons(
  list: Checklist,
  statements: readonly ReadStatement[],
  timeOf: (statement: ReadStatement) => Promise<number | null>,
): Promise<ReadonlyMap<ReadStatement, number>> {
  const bounds = new Map<ReadStatement, number>()
  await list.run('beacon', async () => {
    const failures: unknown[] = []
    for (const statement of statements) {
      await timeOf(statement).then(
        (time) => time !== null && bounds.set(statement, time),
        (error: unknown) => failures.push(error),
      )
    }
    if (failures.length > 0) throw failures[0]
    const unbounded = statements.find((statement) => !bounds.has(statement))
    if (unbounded !== undefined) {
      const isNamed = unbounded.signed.statement.beacon !== null
      const why = isNamed ? 'nothing shows the block that a statement names' : 'a statement names no block'
      throw new Unchecked(`lower bound unverified: ${why}`)
    }
    return `${new Set(bounds.values()).size} block(s)`
  })
  return bounds
}
