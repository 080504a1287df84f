/** Bytes that one signed value costs on the wire, seed, chain link and beacon included. */

import { benchSigner, referenceBatch, VALUES } from '../../scripts/bench/reference-batch.mjs'
import { benchRow } from '../../scripts/bench/row.mjs'

export async function rows() {
  const signer = benchSigner(-9, 1)
  const sizes = []
  for (let seed = 1; seed <= 5; seed++) {
    const batch = await referenceBatch(signer, seed, { sequence: 1000, id: new Uint8Array(32) })
    sizes.push(batch.message.length)
  }
  const bytes = sizes.reduce((a, b) => a + b) / sizes.length / VALUES
  return [
    benchRow({
      name: 'bytes a signed value (60 rows x 6 columns)',
      value: bytes,
      unit: 'B',
      limit: 1,
      target: 2.2,
      higherIsBetter: false,
      exact: true,
    }),
  ]
}
