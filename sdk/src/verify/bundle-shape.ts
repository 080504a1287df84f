/** The one form of a bundle (schemas/spec/07-bundle.md, BUNDLE-3 to BUNDLE-8), beyond what the grammar says. */
import { toHex } from '../base/index.ts'
import { inclusionPathLength } from '../merkle/index.ts'
import { CborReader } from '../wire/index.ts'
import type { Bundle } from './bundle.ts'

const read = new CborReader('bundle-invalid')

/**
 * Everything is referenced, nothing stands twice, the order is the one order. Without rows it is a place.
 * @throws FieldproofError `bundle-invalid`
 */
export function assertShape(bundle: Bundle): void {
  assertAllUsed(
    'keys',
    bundle.keys.length,
    bundle.statements.map((s) => s.key),
  )
  assertAllUsed(
    'definitions',
    bundle.definitions.length,
    bundle.statements.map((s) => s.definition),
  )
  if (bundle.statements.length === 0) read.fail('statements', 'at least one statement')
  if (bundle.rows.length > 0) {
    assertAllUsed(
      'statements',
      bundle.statements.length,
      bundle.rows.map((r) => r.statement),
    )
  }
  assertDistinct('keys', bundle.keys)
  assertDistinct('definitions', bundle.definitions)
  assertDistinct(
    'statements',
    bundle.statements.map((s) => s.bytes),
  )
  assertIncreasing(
    'statements',
    bundle.statements.map((s) => [s.logIndex]),
  )
  assertIncreasing(
    'rows',
    bundle.rows.map((r) => [r.statement, r.index]),
  )
  if ((bundle.statements.at(-1)?.logIndex ?? 0) >= bundle.anchor.size)
    read.fail('anchor', 'a size above every log index')
  for (const { logPath, logIndex } of bundle.statements) {
    assertPathLength('log path', logPath, logIndex, bundle.anchor.size)
  }
}

/**
 * A path has exactly the length that index and size demand (BUNDLE-6).
 * @throws FieldproofError `bundle-invalid`
 */
export function assertPathLength(what: string, path: readonly Uint8Array[], index: number, size: number): void {
  const want = inclusionPathLength(index, size)
  if (path.length !== want) read.fail(what, `${want} nodes`)
}

/** Parts are numbered by first use, so that one set of parts has one encoding. */
function assertAllUsed(what: string, count: number, references: readonly number[]): void {
  let next = 0
  for (const reference of references) {
    if (reference > next) read.fail(what, 'parts numbered in the order of their first use')
    if (reference === next) next++
  }
  if (next !== count) read.fail(what, 'every part used')
}

function assertDistinct(what: string, parts: readonly Uint8Array[]): void {
  const seen = new Set(parts.map(toHex))
  if (seen.size !== parts.length) read.fail(what, 'no part twice')
}

function assertIncreasing(what: string, keys: readonly (readonly number[])[]): void {
  for (let i = 1; i < keys.length; i++) {
    const a = keys[i - 1] ?? []
    const b = keys[i] ?? []
    const at = a.findIndex((value, j) => value !== b[j])
    if (at < 0 || (a[at] ?? 0) > (b[at] ?? 0)) read.fail(what, 'strictly increasing order')
  }
}
