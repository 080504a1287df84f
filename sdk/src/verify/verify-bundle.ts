/**
 * The verifier (schemas/spec/07-bundle.md): a proof bundle, the trust of whoever asks, and a node -> a report. It uses no
 * gateway, no gateway signature and nothing from the bundle that it has not checked.
 */
import { pureHash, pureSuites } from '../crypto/index.ts'
import type { Engines, ReadStatement } from './bundle-checks.ts'
import { type Bounds, checkOnChain } from './chain-checks.ts'
import { checkFile } from './file-checks.ts'
import { type ProvenRow, provenRow, type TimeWindow } from './proven-row.ts'
import { type Check, Checklist, type Verdict } from './report.ts'
import type { ChainAccess, Trust } from './trust.ts'

/** What came of verifying one bundle. */
export interface Report {
  readonly verdict: Verdict
  readonly checks: readonly Check[]
  /** The window that holds for all rows; each row has its own. */
  readonly window: TimeWindow
  /** What the rows say. Empty unless the checks that need the file alone have passed. */
  readonly rows: readonly ProvenRow[]
}

/** How to verify. Without `rpc` and `blockHash` only the file itself is checked, and the verdict is `unchecked` at best. */
export interface VerifyOptions extends ChainAccess {
  readonly trust: Trust
  /** Defaults to the pure suites; pass the native ones on Node. */
  readonly engines?: Engines
}

/** Checks every byte of a proof bundle; never throws for what is wrong with it. */
export async function verifyBundle(bytes: Uint8Array, options: VerifyOptions): Promise<Report> {
  const engines = options.engines ?? { hash: pureHash, suites: pureSuites }
  const list = new Checklist()
  const file = await checkFile(list, bytes, engines)
  const bounds = file === null ? NO_BOUNDS : await checkOnChain({ ...options, list, file })
  const { notBefore, notAfter } = bounds
  return {
    verdict: list.verdict(),
    checks: list.results(),
    window: wholeWindow(file?.statements ?? [], bounds),
    rows: (file?.rows ?? []).map((row) =>
      provenRow(row, { notBefore: notBefore.get(row.statement) ?? null, notAfter }),
    ),
  }
}

const NO_BOUNDS: Bounds = { notBefore: new Map(), notAfter: null }

/** The window that holds for every statement of the file. */
function wholeWindow(statements: readonly ReadStatement[], { notBefore, notAfter }: Bounds): TimeWindow {
  const times = statements.map((statement) => notBefore.get(statement) ?? null)
  const known = times.filter((time) => time !== null)
  return { notBefore: known.length === times.length && known.length > 0 ? Math.min(...known) : null, notAfter }
}
