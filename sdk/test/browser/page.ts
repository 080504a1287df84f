/** The program of the page: runs every vector file with the pure engines and hands the judgements to the test. */
import { pureHash, pureSuites } from '../../src/crypto/index.ts'
import { judgeFile } from '../vectors/judge.ts'
import type { VectorFile } from '../vectors/runner.ts'
import { RUNNERS } from '../vectors/runners/index.ts'

/** What one file came to. */
export interface FileResult {
  readonly executed: number
  /** `name: problem`, one a problem. */
  readonly problems: readonly string[]
}

/** What the page says of itself. */
export interface PageResult {
  readonly files: Readonly<Record<string, FileResult>>
  /** Names of Node's globals that the page has. */
  readonly nodeGlobals: readonly string[]
  /** Why the run ended early, if it did. */
  readonly failure?: string
}

interface Page {
  /** Set by vectors.js before this script runs. */
  readonly vectors: Readonly<Record<string, VectorFile>>
  /** Given by the test. */
  readonly report: (result: PageResult) => Promise<void>
}

const page = globalThis as unknown as Page
const nodeGlobals = ['Buffer', 'process', 'require', 'module', 'global'].filter((name) => name in globalThis)

try {
  await page.report({ files: await runFiles(), nodeGlobals })
} catch (error) {
  await page.report({ files: {}, nodeGlobals, failure: String(error) })
}

async function runFiles(): Promise<Record<string, FileResult>> {
  const results: Record<string, FileResult> = {}
  for (const [name, file] of Object.entries(page.vectors)) {
    const runner = RUNNERS[name]
    const judgements = runner === undefined ? [] : await judgeFile(runner, { file, hash: pureHash, suites: pureSuites })
    const problems = judgements.flatMap((one) => one.problems.map((problem) => `${one.name}: ${problem}`))
    results[name] = { executed: judgements.length, problems }
  }
  return results
}
