/** Encoding one batch as a machine does, decoding and checking it as a gateway does, beside what nobody can avoid. */

import { decodeStatement } from '@fieldproof/sdk/crypto'
import { batchRoot } from '@fieldproof/sdk/merkle'
import { nativeHash, nativeP256 } from '@fieldproof/sdk/native'
import { columnsOf, decodeBatch, encodeBatch, rowsOf } from '@fieldproof/sdk/wire'
import {
  benchSigner,
  DEFINITION,
  DEFINITION_HASH,
  referenceBatch,
  referenceRows,
} from '../../scripts/bench/reference-batch.mjs'
import { benchRow, median } from '../../scripts/bench/row.mjs'

const ROUNDS = 5

export async function rows() {
  const signer = benchSigner(-9, 1)
  const { message } = await referenceBatch(signer, 1, null)
  const batch = decodeBatch(message)
  const signed = decodeStatement(batch.statement, nativeHash)
  const values = rowsOf(batch.columns, DEFINITION)

  const measurements = senml(referenceRows(1))
  const json = JSON.stringify(measurements)
  const encode = () => encodeBatch({ ...batch, columns: columnsOf(values, DEFINITION) })
  const stringify = () => JSON.stringify(measurements)
  const decode = () => rowsOf(decodeBatch(message).columns, DEFINITION)
  const tree = () => batchRoot(nativeHash, DEFINITION_HASH, batch.seed, values)
  const parse = () => JSON.parse(json)
  const verify = () => nativeP256.verify(signer.publicKey, signed.toBeSigned, signed.signature)
  const times = { encode: [], stringify: [], decode: [], tree: [], parse: [], verify: [] }
  for (let round = 0; round < ROUNDS; round++) {
    times.encode.push(await microseconds(encode, 3000))
    times.stringify.push(await microseconds(stringify, 1000))
    times.decode.push(await microseconds(decode, 3000))
    times.parse.push(await microseconds(parse, 1000))
    times.tree.push(await microseconds(tree, 1000))
    times.verify.push(await microseconds(verify, 1000))
  }
  return [
    benchRow({
      name: 'encode one batch / JSON.stringify of the same values',
      value: median(times.encode),
      unit: 'us',
      limit: median(times.stringify),
      target: 0.25,
      higherIsBetter: false,
    }),
    benchRow({
      name: 'decode one batch, strict gate on / JSON.parse of the same values',
      value: median(times.decode),
      unit: 'us',
      limit: median(times.parse),
      target: 0.2,
      higherIsBetter: false,
    }),
    benchRow({
      name: 'hash one batch tree / its P-256 signature check',
      value: median(times.tree),
      unit: 'us',
      limit: median(times.verify),
      target: 1,
      higherIsBetter: false,
    }),
  ]
}

function senml(rows) {
  return rows.flatMap((row) =>
    row.values.map((v, i) => ({
      n: `urn:dev:station:${DEFINITION.columns[i].name}`,
      u: DEFINITION.columns[i].unit,
      v: v / 100,
      t: row.time / 1000,
    })),
  )
}

async function microseconds(task, times) {
  const start = process.hrtime.bigint()
  for (let i = 0; i < times; i++) await task()
  return Number(process.hrtime.bigint() - start) / 1000 / times
}
