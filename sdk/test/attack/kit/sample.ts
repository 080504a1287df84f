/** Valid bundles with what the chain truly says: where every attack starts. A new kind of bundle is one more entry here. */
import { fromHex, type Hash32, hash32, toHex } from '../../../src/base/index.ts'
import { chainIdOf } from '../../../src/evm/index.ts'
import { nativeHash } from '../../../src/native/index.ts'
import { type Report, type Trust, verifyBundle } from '../../../src/verify/index.ts'
import { optionalVectorFiles, vectorCases } from '../../fuzz/vectors.ts'
import { type ChainFacts, strictRpc } from './chain.ts'
import { cachedEngines } from './engines.ts'
import { buildField } from './field-samples.ts'

/** One valid bundle. */
export interface Sample {
  readonly name: string
  readonly bytes: Uint8Array
  readonly trust: Trust
  /** What the node says, or null when none is asked. */
  readonly facts: ChainFacts | null
  /** The block that the verifier knows. */
  readonly blockHash?: Hash32
}

const DIGEST_BYTES = 32
/** Every bit of a sample is flipped and every pair is crossed, so more of the same is left to the vectors' own tests. */
const VECTOR_CASES: readonly string[] = [
  'one row in a log of five',
  "three machines' keys, one log root",
  'a statement without a beacon',
]
const STATE_CASES: readonly string[] = [
  'beacon that is the newest block before the header',
  'a node that its parent embeds',
  'extensions on the way',
]

/** Bundles of the vectors and bundles made here, each content once. */
export async function allSamples(): Promise<readonly Sample[]> {
  const seen = new Set<string>()
  return [...vectorSamples(), ...(await buildField())].filter(({ bytes, facts }) => {
    const digest = `${facts === null} ${toHex(bytes.subarray(0, DIGEST_BYTES))}`
    return !seen.has(digest) && seen.add(digest)
  })
}

/** Some valid cases of schemas/vectors/bundle.json and state.json. */
export function vectorSamples(): readonly Sample[] {
  const state = optionalVectorFiles('state').flatMap((file) => vectorCases(file))
  return [
    ...vectorCases('bundle').filter(({ name }) => VECTOR_CASES.includes(name)),
    ...state.filter(({ name }) => STATE_CASES.includes(name)),
  ].map((c) => {
    const { caip2, registry } = c['trust'] as { caip2: string; registry: string }
    const trust = { registry: fromHex(registry), chainId: chainIdOf(caip2) }
    const chain = c['chain'] as Omit<ChainFacts, 'chainId' | 'registry'> | undefined
    const { blockHash } = c
    return {
      name: `vector: ${c.name}`,
      bytes: fromHex(String(c['bundle'])),
      trust,
      facts:
        chain === undefined
          ? null
          : { ...chain, transaction: chain.transaction ?? null, chainId: trust.chainId, registry },
      ...(typeof blockHash === 'string' && { blockHash: hash32(fromHex(blockHash)) }),
    }
  })
}

/** The body behind the digest. */
export function bodyOf(file: Uint8Array): Uint8Array {
  return file.subarray(DIGEST_BYTES)
}

/** A file with the right digest of its body: what an attacker makes. */
export function fileOf(body: Uint8Array): Uint8Array {
  const file = new Uint8Array(DIGEST_BYTES + body.length)
  nativeHash.sha256Into(file, 0, body)
  file.set(body, DIGEST_BYTES)
  return file
}

/** Verifies bytes against the truth of a sample. */
export function judge(bytes: Uint8Array, { trust, facts, blockHash }: Omit<Sample, 'name' | 'bytes'>): Promise<Report> {
  return verifyBundle(bytes, {
    trust,
    engines: cachedEngines,
    ...(facts !== null && { rpc: strictRpc(facts) }),
    ...(blockHash !== undefined && { blockHash }),
  })
}

/** The code of the first required check that did not pass. */
export function firstFault(report: Report): string {
  const fault = report.checks.find((check) => check.required && check.status !== 'pass')
  return fault === undefined ? 'none' : `${fault.id}: ${fault.code ?? fault.status}`
}
