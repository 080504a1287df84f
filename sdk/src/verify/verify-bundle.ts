/**
 * The verifier (schemas/spec/07-bundle.md): a proof bundle, the trust of whoever asks, and a node -> a report. It uses no
 * gateway, no gateway signature and nothing from the bundle that it has not checked.
 */
import { type Hash32, toHex } from '../base/index.ts'
import { pureHash, pureSuites } from '../crypto/index.ts'
import type { Block, Rpc } from '../evm/index.ts'
import { type Bundle, decodeBundle } from './bundle.ts'
import {
  checkDefinitions,
  checkKeys,
  checkRows,
  checkSignatures,
  type Engines,
  logRoot,
  type ReadRow,
  type ReadStatement,
  readStatements,
} from './bundle-checks.ts'
import {
  checkAnchor,
  checkBeacon,
  checkChain,
  checkEnrolment,
  checkFinal,
  checkHome,
  fetchAnchorLog,
  type Trust,
} from './chain-checks.ts'
import { type ProvenRow, provenRow, type TimeWindow } from './proven-row.ts'
import { type Check, Checklist, refuse, Unchecked, type Verdict } from './report.ts'

/** What came of verifying one bundle. */
export interface Report {
  readonly verdict: Verdict
  readonly checks: readonly Check[]
  /** The window that holds for all rows; each row has its own. */
  readonly window: TimeWindow
  /** What the rows say. Empty unless the checks that need the file alone have passed. */
  readonly rows: readonly ProvenRow[]
}

/** How to verify. */
export interface VerifyOptions {
  readonly trust: Trust
  readonly rpc: Rpc
  /** Defaults to the pure suites; pass the native ones on Node. */
  readonly engines?: Engines
}

/** Checks every byte of a proof bundle; never throws for what is wrong with it. */
export async function verifyBundle(bytes: Uint8Array, options: VerifyOptions): Promise<Report> {
  const engines = options.engines ?? { hash: pureHash, suites: pureSuites }
  const list = new Checklist()
  const file = await checkFile(list, bytes, engines)
  const { bounds, notAfter } = await checkOnChain(list, file, options)
  const rows = file.root === undefined ? [] : file.rows
  return {
    verdict: list.verdict(),
    checks: list.results(),
    window: wholeWindow(file, bounds, notAfter),
    rows: rows.map((row) => provenRow(row, { notBefore: bounds.get(row.statement) ?? null, notAfter })),
  }
}

/** Seconds since 1970 of the block that a statement is known to be newer than. */
type LowerBounds = Map<ReadStatement, number>

/** What the node has told. */
interface ChainFacts {
  readonly bounds: LowerBounds
  readonly notAfter: number | null
}

/** What the file alone has shown so far. */
interface FileFacts {
  bundle?: Bundle
  statements: readonly ReadStatement[]
  rows: readonly ReadRow[]
  root?: Hash32
}

async function checkFile(list: Checklist, bytes: Uint8Array, engines: Engines): Promise<FileFacts> {
  const facts: FileFacts = { statements: [], rows: [] }
  const bundle = (): Bundle => facts.bundle ?? refuse('bundle-invalid', 'not decoded')
  await list.run('bundle', () => {
    facts.bundle = decodeBundle(bytes, engines.hash)
    facts.statements = readStatements(facts.bundle, engines)
    return `${bytes.length} bytes, version 1`
  })
  await list.run('keys', () => checkKeys(facts.statements))
  await list.run('signatures', () => checkSignatures(facts.statements, engines))
  await list.run('definitions', () => checkDefinitions(bundle(), facts.statements, engines))
  await list.run('rows', () => {
    facts.rows = checkRows(bundle(), facts.statements, engines)
    return `${facts.rows.length} row(s) in ${facts.statements.length} batch(es)`
  })
  await list.run('log', () => {
    facts.root = logRoot(bundle(), engines)
    return `root ${toHex(facts.root)} at size ${bundle().anchor.size}`
  })
  return facts
}

async function checkOnChain(list: Checklist, file: FileFacts, { trust, rpc }: VerifyOptions): Promise<ChainFacts> {
  const { statements } = file
  const anchor = () => (file.bundle ?? refuse('bundle-invalid', 'not decoded')).anchor
  let chainId = 0
  let anchorLog: Uint8Array = new Uint8Array()
  let block: Block | undefined
  await list.run('chain', async () => {
    chainId = await checkChain(rpc, trust, anchor())
    return anchor().caip2
  })
  await list.run('contracts', async () => {
    anchorLog = await fetchAnchorLog(rpc, trust)
    return `registry 0x${toHex(trust.registry)}, AnchorLog 0x${toHex(anchorLog)}`
  })
  await list.run('enrolment', () => checkEnrolment(rpc, trust, statements, anchor().blockNumber))
  await list.run('home', () => checkHome(rpc, trust, statements, anchor()))
  await list.run('anchor', async () => {
    block = await checkAnchor(rpc, anchorLog, anchor(), file.root ?? refuse('proof-invalid', 'no log root'))
    return `size ${anchor().size} in block ${block.number}, transaction 0x${toHex(anchor().txHash)}`
  })
  await list.run('final', () => checkFinal(rpc, anchor()))
  const bounds = await checkBeacons(list, rpc, chainId, file)
  return { bounds, notAfter: block?.timestamp ?? null }
}

/**
 * Lower bounds, one a statement. All are looked up before the check is judged, so that one statement without a good beacon
 * leaves its own rows unbounded and no others.
 */
async function checkBeacons(list: Checklist, rpc: Rpc, chainId: number, file: FileFacts): Promise<LowerBounds> {
  const bounds: LowerBounds = new Map()
  await list.run('beacon', async () => {
    const anchor = file.bundle?.anchor ?? refuse('bundle-invalid', 'not decoded')
    const failures: unknown[] = []
    for (const statement of file.statements) {
      const { beacon } = statement.signed.statement
      if (beacon === null) continue
      await checkBeacon(rpc, beacon, chainId, anchor).then(
        (block) => bounds.set(statement, block.timestamp),
        (error: unknown) => failures.push(error),
      )
    }
    if (failures.length > 0) throw failures[0]
    const beacons = file.statements.flatMap(({ signed }) => signed.statement.beacon ?? [])
    if (beacons.length < file.statements.length)
      throw new Unchecked('lower bound unverified: a statement names no block')
    return `${new Set(beacons.map(({ blockNumber }) => blockNumber)).size} block(s)`
  })
  return bounds
}

/** The window that holds for every statement of the file. */
function wholeWindow(file: FileFacts, bounds: LowerBounds, notAfter: number | null): TimeWindow {
  const all = file.statements.map((statement) => bounds.get(statement) ?? null)
  const known = all.filter((time) => time !== null)
  return { notBefore: known.length === all.length && known.length > 0 ? Math.min(...known) : null, notAfter }
}
