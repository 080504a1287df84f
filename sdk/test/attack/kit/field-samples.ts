/** Bundles of one field: by transaction and by state, against a node and against a block hash. */
import { fromHex, type Hash32, hash32, toHex } from '../../../src/base/index.ts'
import { decodeStatement } from '../../../src/crypto/index.ts'
import { nativeHash } from '../../../src/native/index.ts'
import { type Bundle, encodeBundle, type StateAnchor } from '../../../src/verify/index.ts'
import type { ChainFacts } from './chain.ts'
import { ANCHOR_BLOCK, type Field, makeField, START_MS } from './field.ts'
import type { Sample } from './sample.ts'
import { stateAnchor } from './state.ts'

const PICKS: Readonly<Record<string, readonly (readonly [number, readonly number[]])[]>> = {
  'P-256, one row': [[0, [1]]],
  'Ed25519, one row': [[3, [2]]],
  'several rows of one batch': [[1, [1, 2, 3]]],
  'several batches of one machine': [
    [0, [2]],
    [1, [1, 3]],
  ],
  'several streams, machines and algorithms': [
    [1, [2]],
    [2, [1]],
    [3, [1]],
  ],
  'a row of a sealed batch': [[4, [2]]],
}

/** The bundles of one field, each by transaction and by state, and each of those against a node and against a block hash. */
export async function buildField(): Promise<readonly Sample[]> {
  const field = await makeField()
  const trust = { registry: fromHex(field.facts.registry), chainId: 31337 }
  const samples: Sample[] = []
  for (const [name, picks] of Object.entries(PICKS)) {
    const bundle = field.bundle(picks)
    samples.push({ name, bytes: encodeBundle(bundle, nativeHash), trust, facts: field.facts })
    if (!STATE_KINDS.includes(name)) continue
    const { bytes, facts, blockHash } = await withState(field, bundle, name === 'P-256, one row' ? 0 : 6)
    samples.push({ name: `${name}, state`, bytes, trust, facts: null, blockHash })
    if (name === 'P-256, one row') samples.push({ name: `${name}, state and node`, bytes, trust, facts })
  }
  return samples
}

const STATE_KINDS: readonly string[] = ['P-256, one row', 'several streams, machines and algorithms']

/** The same bundle anchored by the state of a later block, which the chain then has. */
export async function withState(
  { facts, beaconHeader }: Field,
  bundle: Bundle,
  fillers = 0,
): Promise<{ bytes: Uint8Array; facts: ChainFacts; blockHash: Hash32; anchor: StateAnchor }> {
  const { transaction } = facts
  const { caip2, size } = bundle.anchor
  const statements = bundle.statements.map((s) => decodeStatement(s.bytes, nativeHash).statement)
  const { anchor, blockHash, number } = await stateAnchor(
    {
      facts,
      logId: toHex(bundle.anchor.logId),
      size,
      root: transaction?.treeHeads[size - 1]?.root ?? '',
      headBlock: ANCHOR_BLOCK,
      headTime: START_MS / 1000 + 600,
      block: ANCHOR_BLOCK + 100,
      keys: bundle.keys.map((key) => toHex(nativeHash.sha256(key))),
      machines: [...new Set(statements.map(({ machine }) => machine))],
      beacons: [{ number: ANCHOR_BLOCK - 10, header: beaconHeader }],
      fillers,
    },
    caip2,
  )
  const time = START_MS / 1000 + 1800
  return {
    bytes: encodeBundle({ ...bundle, anchor }, nativeHash),
    facts: { ...facts, finalized: number, blocks: [...facts.blocks, { number, hash: blockHash, time }] },
    blockHash: hash32(fromHex(blockHash)),
    anchor,
  }
}
