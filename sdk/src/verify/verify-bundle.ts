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
import { type ProvenRow, provenRow } from './proven-row.ts'
import { type Check, Checklist, refuse, type Verdict } from './report.ts'

/** When the rows were signed, between two blocks. Bounds the signing, not the measurement. */
export interface TimeWindow {
  /** Seconds since 1970 of the newest block that every signer is known to have seen; null when unverified. */
  readonly notBefore: number | null
  /** Seconds since 1970 of the block that anchored the log; null when unverified. */
  readonly notAfter: number | null
}

/** What came of verifying one bundle. */
export interface Report {
  readonly verdict: Verdict
  readonly checks: readonly Check[]
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
  const window = await checkOnChain(list, file, options)
  const complete = file.root !== undefined
  return { verdict: list.verdict(), checks: list.results(), window, rows: complete ? file.rows.map(provenRow) : [] }
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

async function checkOnChain(list: Checklist, file: FileFacts, { trust, rpc }: VerifyOptions): Promise<TimeWindow> {
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
  const notBefore = await checkBeacons(list, rpc, chainId, file)
  return { notBefore, notAfter: block?.timestamp ?? null }
}

/** The earliest of the beacons bounds all rows from below; one statement without a good beacon leaves them unbounded. */
async function checkBeacons(list: Checklist, rpc: Rpc, chainId: number, file: FileFacts): Promise<number | null> {
  const beacons = file.statements.map((s) => s.signed.statement.beacon)
  if (beacons.includes(null)) {
    list.skip('beacon', 'lower bound unverified: a statement names no block')
    return null
  }
  let earliest: Block | undefined
  await list.run('beacon', async () => {
    const anchor = file.bundle?.anchor ?? refuse('bundle-invalid', 'not decoded')
    for (const beacon of beacons) {
      if (beacon === null) continue
      const block = await checkBeacon(rpc, beacon, chainId, anchor)
      if (earliest === undefined || block.timestamp < earliest.timestamp) earliest = block
    }
    return `block ${earliest?.number}`
  })
  const passed = list.results().find((check) => check.id === 'beacon')?.status === 'pass'
  return passed ? (earliest?.timestamp ?? null) : null
}
