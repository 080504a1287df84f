/** Runs the checks that need the file alone, in their order. */
import { type Hash32, toHex } from '../base/index.ts'
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
  readRows,
  readStatements,
} from './bundle-checks.ts'
import { type Checklist, refuse } from './report.ts'

/** A file that agrees with itself: what remains is what the chain says of its log root, keys and blocks. */
export interface CheckedFile {
  readonly bundle: Bundle
  readonly statements: readonly ReadStatement[]
  readonly rows: readonly ReadRow[]
  /** Log root that all statements lead to. */
  readonly root: Hash32
}

/** The checked file, or null when a check failed; the list says which. */
export async function checkFile(list: Checklist, bytes: Uint8Array, engines: Engines): Promise<CheckedFile | null> {
  let decoded: Bundle | undefined
  let statements: readonly ReadStatement[] = []
  let rows: readonly ReadRow[] = []
  let root: Hash32 | undefined
  const bundle = (): Bundle => decoded ?? refuse('bundle-invalid', 'not decoded')
  await list.run('bundle', () => {
    decoded = decodeBundle(bytes, engines.hash)
    statements = readStatements(decoded, engines)
    rows = readRows(decoded, statements)
    return `${bytes.length} bytes, version 1`
  })
  await list.run('keys', () => checkKeys(statements))
  await list.run('signatures', () => checkSignatures(statements, engines))
  await list.run('definitions', () => checkDefinitions(bundle(), statements, engines))
  await list.run('rows', () => checkRows(bundle(), statements, engines))
  await list.run('log', () => {
    root = logRoot(bundle(), engines)
    return `root ${toHex(root)} at size ${bundle().anchor.size}`
  })
  return root === undefined ? null : { bundle: bundle(), statements, rows, root }
}
