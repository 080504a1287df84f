/**
 * What neither the compiler nor the linter sees: `npm run check [name …]`. One line a finding, exit code 1 if there is any.
 * A check is a function from the repository's folder to its findings, as lines.
 */
import { parseArgs } from 'node:util'
import { checkExports } from './check/exports.mjs'
import { checkGenerated } from './check/generated.mjs'
import { checkImports } from './check/imports.mjs'
import { checkLock } from './check/lock.mjs'
import { checkNative } from './check/native.mjs'
import { checkSize } from './check/size.mjs'
import { checkSpecIds } from './check/spec-ids.mjs'

const CHECKS = {
  imports: checkImports,
  lock: checkLock,
  native: checkNative,
  exports: checkExports,
  generated: checkGenerated,
  'spec-ids': checkSpecIds,
  size: checkSize,
}

const { values, positionals } = parseArgs({ options: { root: { type: 'string' } }, allowPositionals: true })
const root = values.root ?? new URL('..', import.meta.url).pathname
const names = positionals.length > 0 ? positionals : Object.keys(CHECKS)

let count = 0
for (const name of names) {
  if (!Object.hasOwn(CHECKS, name)) throw new Error(`no check ${name}: want ${Object.keys(CHECKS).join(', ')}`)
  const findings = await CHECKS[name](root)
  for (const finding of findings) console.log(`${name}: ${finding}`)
  count += findings.length
}
console.log(count === 0 ? `checks passed: ${names.join(', ')}` : `${count} finding(s)`)
process.exitCode = count === 0 ? 0 : 1
