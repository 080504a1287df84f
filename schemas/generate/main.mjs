/** Writes schemas/vectors and the worked examples of schemas/spec; `--check` only says which file is not current. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { anchorCases } from './cases/anchor.mjs'
import { batchCases } from './cases/batch.mjs'
import { boardCases } from './cases/board.mjs'
import { bundleCases } from './cases/bundle.mjs'
import { cborCases } from './cases/cbor.mjs'
import { definitionCases } from './cases/definition.mjs'
import { keyCases } from './cases/key.mjs'
import { logCases } from './cases/log.mjs'
import { merkleCases } from './cases/merkle.mjs'
import { messagesCases } from './cases/messages.mjs'
import { placeCases } from './cases/place.mjs'
import { receiptCases } from './cases/receipt.mjs'
import { rowCases } from './cases/row.mjs'
import { sealedCases } from './cases/sealed.mjs'
import { stateCases, trieCases } from './cases/state.mjs'
import { statementCases } from './cases/statement.mjs'
import { fill } from './examples.mjs'
import { print } from './suite.mjs'

const FILES = {
  cbor: cborCases,
  key: keyCases,
  definition: definitionCases,
  row: rowCases,
  batch: batchCases,
  statement: statementCases,
  merkle: merkleCases,
  sealed: sealedCases,
  log: logCases,
  receipt: receiptCases,
  messages: messagesCases,
  bundle: bundleCases,
  state: stateCases,
  trie: trieCases,
  place: placeCases,
  anchor: anchorCases,
  board: boardCases,
}

const schemas = new URL('../', import.meta.url)

/** Every generated file: path under schemas/, text. */
function* generated() {
  const vectors = Object.fromEntries(Object.entries(FILES).map(([name, build]) => [name, build()]))
  for (const [name, file] of Object.entries(vectors)) yield [`vectors/${name}.json`, print(file)]
  for (const name of readdirSync(new URL('spec/', schemas)).sort()) {
    const path = `spec/${name}`
    if (name.endsWith('.md')) yield [path, fill(readFileSync(new URL(path, schemas), 'utf8'), vectors)]
  }
}

const check = process.argv.includes('--check')
let stale = 0
mkdirSync(new URL('vectors/', schemas), { recursive: true })
for (const [path, text] of generated()) {
  const url = new URL(path, schemas)
  const current = existsSync(url) && readFileSync(url, 'utf8') === text
  if (!current && !check) writeFileSync(url, text)
  if (!current && check) {
    console.error(`not current: schemas/${path}`)
    stale++
  }
}
if (stale) process.exit(1)
