/** Proof bundles: read, written again, and verified; nothing but the truth may pass. */
import { decodeBundle, decodePlace, encodeBundle, encodePlace, verifyBundle } from '../../../src/verify/index.ts'
import { strictRpc } from '../../attack/kit/chain.ts'
import { cachedEngines } from '../../attack/kit/engines.ts'
import { makeField } from '../../attack/kit/field.ts'
import { allSamples, bodyOf, fileOf } from '../../attack/kit/sample.ts'
import { Truth } from '../../attack/kit/truth.ts'
import { expectAgain, expectThat, type Target } from '../engine.ts'
import { vectorBytes } from '../vectors.ts'

const samples = await allSamples()
const truth = new Truth(samples)
const { hash } = cachedEngines
const field = await makeField()
const bodies = [...samples.map(({ bytes }) => bodyOf(bytes)), ...vectorBytes('bundle', 'bundle').map(bodyOf)]
const places = [
  [[0, [1]]],
  [
    [0, [1]],
    [2, [1]],
  ],
].map((picks) => {
  const bundle = field.bundle(picks as never)
  return bodyOf(encodePlace({ ...bundle, rows: [] }, hash))
})

async function verify(body: Uint8Array): Promise<void> {
  const file = fileOf(body)
  for (const { trust, facts, blockHash } of TRUSTS) {
    const access = { ...(facts !== null && { rpc: strictRpc(facts) }), ...(blockHash !== undefined && { blockHash }) }
    const { verdict } = await verifyBundle(file, { trust, engines: cachedEngines, ...access })
    if (verdict === 'pass') expectThat(truth.holds(body), 'a bundle passes that is not true')
  }
}

/** One verifier of each kind. */
const TRUSTS = samples.filter(({ name }) =>
  ['P-256, one row', 'P-256, one row, state', 'P-256, one row, state and node'].includes(name),
)

/** Targets of this kind; bytes are the body, the digest is made to fit. */
export const BUNDLE_TARGETS: readonly Target<Uint8Array>[] = [
  {
    name: 'bundle',
    form: 'cbor',
    weight: 3,
    maxBytes: 4 << 20,
    samples: bodies,
    run: (body) => expectAgain(fileOf(body), encodeBundle(decodeBundle(fileOf(body), hash), hash)),
  },
  {
    name: 'place',
    form: 'cbor',
    samples: [...places, ...bodies.slice(0, 5)],
    run: (body) => expectAgain(fileOf(body), encodePlace(decodePlace(fileOf(body), hash), hash)),
  },
  {
    name: 'bundle file',
    form: 'bytes',
    weight: 0.5,
    samples: samples.map(({ bytes }) => bytes),
    run: (file) => decodeBundle(file, hash),
  },
  { name: 'verifier', form: 'cbor', weight: 2, samples: bodies, run: verify },
]
