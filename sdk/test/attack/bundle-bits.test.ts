import { beforeAll, describe, expect, it } from 'vitest'
import { writeTree } from '../fuzz/cbor-tree.ts'
import { filesOf, Onslaught, treeOf } from './kit/onslaught.ts'
import { bodyOf, fileOf, judge, type Sample } from './kit/sample.ts'

/** Larger samples have one bit of each byte flipped; there is a small one of every kind. */
const EXHAUSTIVE_BYTES = 2000
const KINDS = [
  'P-256',
  'Ed25519',
  'several rows',
  'several batches',
  'streams, machines',
  'sealed',
  'state',
  'state and node',
]
/** Hundreds of thousands of verifications, on whatever machine. */
const PATIENCE_MS = 180_000

let onslaught: Onslaught
beforeAll(async () => {
  onslaught = await Onslaught.prepare()
})

describe('a valid bundle', () => {
  it('is there of every kind, and each verifies', async () => {
    const { samples } = onslaught
    for (const sample of samples) {
      expect([sample.name, (await judge(sample.bytes, sample)).verdict]).toEqual([sample.name, 'pass'])
    }
    const text = samples.map(({ name }) => name).join()
    expect(KINDS.filter((kind) => !text.includes(kind))).toEqual([])
    expect(samples.filter(({ bytes }) => bytes.length <= EXHAUSTIVE_BYTES).length).toBeGreaterThan(8)
  })

  it('is taken apart and written again byte for byte by the mutator', () => {
    for (const { bytes } of onslaught.samples) expect(writeTree(treeOf(bytes))).toEqual(Buffer.from(bodyOf(bytes)))
  })
})

describe('a bundle', () => {
  it('fails for every single bit of the file', { timeout: PATIENCE_MS }, async () => {
    expect(await onslaught.attack('bit of the file', ({ bytes }) => flipsOf(bytes, stepOf(bytes)))).toBe(0)
  })

  it('fails for every single bit of the body under a digest that fits: every byte is checked', {
    timeout: PATIENCE_MS,
  }, async () => {
    const files = ({ bytes }: Sample): Iterable<Uint8Array> => filesOf(flipsOf(bodyOf(bytes), stepOf(bytes)))
    expect(await onslaught.attack('bit of the body, digest right', files)).toBe(0)
  })

  it('fails for every truncation and for a few bytes more', { timeout: PATIENCE_MS }, async () => {
    const damaged = (bytes: Uint8Array): Uint8Array[] => [...cutsOf(bytes), ...longerOf(bytes)]
    expect(await onslaught.attack('truncation or extension', ({ bytes }) => damaged(bytes))).toBe(0)
    const bodies = ({ bytes }: Sample): Uint8Array[] => damaged(bodyOf(bytes)).map(fileOf)
    expect(await onslaught.attack('truncation or extension, digest right', bodies)).toBe(0)
  })

  it('was attacked in every way', () => {
    expect(Object.keys(onslaught.mutants)).toHaveLength(4)
    console.info(onslaught.summary())
  })
})

function stepOf({ length }: Uint8Array): number {
  return length <= EXHAUSTIVE_BYTES ? 1 : 7
}

/** @param step 1 for every bit; 7 meets every byte, each time at another bit */
function* flipsOf(bytes: Uint8Array, step: number): Generator<Uint8Array> {
  for (let bit = 0; bit < bytes.length * 8; bit += step) {
    const flipped = bytes.slice()
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    yield flipped
  }
}

function* cutsOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let length = 0; length < bytes.length; length++) {
    yield bytes.subarray(0, length)
    yield bytes.subarray(bytes.length - length)
  }
}

function* longerOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (const more of [[0], [0xf6], [0xff], [0, 0], [0x80, 0x80, 0x80], [...bytes]]) {
    yield new Uint8Array([...bytes, ...more])
    yield new Uint8Array([...more, ...bytes])
  }
}
