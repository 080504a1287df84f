import nacl from 'tweetnacl'
import { beforeAll, describe, expect, it } from 'vitest'
import { toHex, utf8 } from '../../src/base/index.ts'
import { pureHash, sealedSeed } from '../../src/crypto/index.ts'
import {
  addRows,
  decodeBundle,
  decodePlace,
  encodeBundle,
  encodePlace,
  type RecipientKey,
  verifyBundle,
} from '../../src/verify/index.ts'
import { decodeBatch, type SealedBatch } from '../../src/wire/index.ts'
import { makeWorld, REGISTRY, rpcOf, type World } from './fixture.ts'

function recipientOf(seed: number): RecipientKey {
  const { publicKey, secretKey } = nacl.box.keyPair.fromSecretKey(new Uint8Array(32).fill(seed))
  return { publicKey, secret: secretKey }
}

const owner = recipientOf(1)
const stranger = recipientOf(2)
let world: World
let sealed: SealedBatch

beforeAll(async () => {
  world = await makeWorld(7, [recipientOf(3).publicKey, owner.publicKey])
  const batch = decodeBatch(world.batches[1]!.message)
  if (batch.kind !== 'sealed') throw new Error('want a sealed batch')
  sealed = batch
})

const open = () => decodeBatch(world.batches[0]!.message)
const verify = (bytes: Uint8Array) =>
  verifyBundle(bytes, {
    trust: { registry: REGISTRY },
    rpc: rpcOf(world.chain, (method) => expect.fail(method)),
  })

describe('rows added to a place', () => {
  it('prove a sealed row beside an open one, and verify as any other proof', async () => {
    const bundle = addRows(
      world.place,
      [
        { batch: sealed, rows: [2] },
        { batch: open(), rows: [3, 1, 1] },
      ],
      pureHash,
      owner,
    )
    const report = await verify(encodeBundle(bundle, pureHash))
    expect(report.verdict).toBe('pass')
    expect(report.rows.map((row) => [row.sequence, row.index, row.values[0]?.value])).toEqual([
      [1, 1, '21.37'],
      [1, 3, '21.39'],
      [2, 2, '21.48'],
    ])
  })

  it('show neither the key, the seed, the sealed body, nor a neighbour', () => {
    const bundle = addRows(
      world.place,
      [
        { batch: sealed, rows: [2] },
        { batch: open(), rows: [1] },
      ],
      pureHash,
      owner,
    )
    const file = toHex(encodeBundle(bundle, pureHash))
    const box = sealed.boxes[1]!
    const key = nacl.box.open(box.box, new Uint8Array(24), box.ephemeral, owner.secret)!
    const others = addRows(
      world.place,
      [
        { batch: sealed, rows: [1, 3] },
        { batch: open(), rows: [2, 3] },
      ],
      pureHash,
      owner,
    )
    for (const secret of [key, sealedSeed(key, pureHash), sealed.body, ...others.rows.map(({ input }) => input)]) {
      expect(file).not.toContain(toHex(secret))
    }
    // Nor the salt alone, with which a neighbour could be guessed from its hash.
    for (const { input } of others.rows) expect(file).not.toContain(toHex(input.subarray(2, 18)))
  })

  it('are refused without a key, and with a key for which they were not sealed', () => {
    const shown = [
      { batch: sealed, rows: [1] },
      { batch: open(), rows: [1] },
    ]
    const refused = expect.objectContaining({ code: 'sealed-open-failed' })
    expect(() => addRows(world.place, shown, pureHash)).toThrow(refused)
    expect(() => addRows(world.place, shown, pureHash, stranger)).toThrow(refused)
    const wrongSecret = { publicKey: owner.publicKey, secret: stranger.secret }
    expect(() => addRows(world.place, shown, pureHash, wrongSecret)).toThrow(refused)
  })

  it('are refused when the body is not the one that was signed', () => {
    const body = Uint8Array.from(sealed.body)
    body[20] = (body[20] ?? 0) ^ 1
    const shown = [
      { batch: { ...sealed, body }, rows: [1] },
      { batch: open(), rows: [1] },
    ]
    expect(() => addRows(world.place, shown, pureHash, owner)).toThrow('not the ones that were signed')
  })

  it('are refused when seed or rows are others than the signed ones', () => {
    const batch = open()
    if (batch.kind !== 'open') return expect.fail('want an open batch')
    const place = { ...world.place, statements: world.place.statements.slice(0, 1) }
    const otherSeed = { ...batch, seed: new Uint8Array(32) }
    expect(() => addRows(place, [{ batch: otherSeed, rows: [1] }], pureHash)).toThrow(
      expect.objectContaining({ code: 'root-mismatch' }),
    )
    expect(() => addRows(place, [{ batch, rows: [4] }], pureHash)).toThrow(
      expect.objectContaining({ code: 'not-found' }),
    )
    expect(() => addRows(place, [{ batch, rows: [0] }], pureHash)).toThrow(
      expect.objectContaining({ code: 'not-found' }),
    )
  })

  it('are refused when a statement of the place has none', () => {
    expect(() => addRows(world.place, [{ batch: open(), rows: [1] }], pureHash)).toThrow(
      expect.objectContaining({ code: 'bundle-invalid' }),
    )
    const one = { ...world.place, statements: world.place.statements.slice(0, 1) }
    const both = [
      { batch: open(), rows: [1] },
      { batch: sealed, rows: [1] },
    ]
    expect(() => addRows(one, both, pureHash, owner)).toThrow(expect.objectContaining({ code: 'bundle-invalid' }))
    const shown = [
      { batch: open(), rows: [1] },
      { batch: sealed, rows: [] },
    ]
    expect(() => encodeBundle(addRows(world.place, shown, pureHash, owner), pureHash)).toThrow(
      expect.objectContaining({ code: 'bundle-invalid' }),
    )
  })

  it('are refused with a definition that was not signed', () => {
    const place = { ...world.place, statements: world.place.statements.slice(0, 1), definitions: [utf8('another')] }
    expect(() => addRows(place, [{ batch: open(), rows: [1] }], pureHash)).toThrow(
      expect.objectContaining({ code: 'definition-invalid' }),
    )
  })
})

describe('a place', () => {
  it('is read back, is no proof, and no proof is a place', async () => {
    const bytes = encodePlace(world.place, pureHash)
    expect(decodePlace(bytes, pureHash)).toEqual(world.place)
    expect(() => decodeBundle(bytes, pureHash)).toThrow(expect.objectContaining({ code: 'bundle-invalid' }))
    expect(() => decodePlace(world.bytes, pureHash)).toThrow(expect.objectContaining({ code: 'bundle-invalid' }))
    expect(() => encodePlace(world.bundle, pureHash)).toThrow(expect.objectContaining({ code: 'bundle-invalid' }))
    expect(() => encodeBundle(world.place, pureHash)).toThrow(expect.objectContaining({ code: 'bundle-invalid' }))
    expect((await verify(bytes)).verdict).toBe('fail')
  })
})
