import { ed25519 } from '@noble/curves/ed25519.js'
import { p256 } from '@noble/curves/nist.js'
import { beforeAll, describe, expect, it } from 'vitest'
import { concat, fromHex } from '../../src/base/index.ts'
import { decodeCoseKey, pureSuites } from '../../src/crypto/index.ts'
import { nativeHash, nativeSuites } from '../../src/native/index.ts'
import { encodeBundle } from '../../src/verify/index.ts'
import { decodeCbor, MESSAGE_LIMITS } from '../../src/wire/index.ts'
import type { ChainFacts } from './kit/chain.ts'
import { fileOf } from './kit/sample.ts'
import { codeOf, makeStage, type Stage } from './kit/stage.ts'

const hex = (text: string): Uint8Array => fromHex(text.replaceAll(' ', ''))

let stage: Stage
beforeAll(async () => {
  stage = await makeStage()
})

describe('one item of CBOR', () => {
  it.each<[string, Uint8Array, string]>([
    ['100 kB of arrays in arrays', new Uint8Array(100_000).fill(0x81), 'too-large'],
    ['60 kB of arrays in arrays', new Uint8Array(60_000).fill(0x81), 'too-large'],
    ['60 kB of maps in maps', new Uint8Array(60_000).fill(0xa1), 'malformed'],
    ['bytes of a length of 2^32', hex('5b 0000000100000000'), 'malformed'],
    ['bytes of a length of 2^63', hex('5b 8000000000000000'), 'malformed'],
    ['a text of a length of 2^32 - 1', hex('7a ffffffff'), 'malformed'],
    ['an array of 2^32 - 1 items', hex('9a ffffffff'), 'malformed'],
    ['an array of 2^63 items', hex('9b 8000000000000000'), 'malformed'],
    ['a map of 2^63 pairs', hex('bb 8000000000000000'), 'malformed'],
    ['a key twice', hex('a2 01 00 01 00'), 'not-deterministic'],
    ['keys that are not sorted', hex('a2 02 00 01 00'), 'not-deterministic'],
    ['an array of indefinite length', hex('9f 01 ff'), 'not-deterministic'],
    ['bytes of indefinite length', hex('5f 4100 ff'), 'not-deterministic'],
    ['a float', hex('fb 3ff0000000000000'), 'not-deterministic'],
    ['half a float', hex('f9 3c00'), 'not-deterministic'],
    ['2^53', hex('1b 0020000000000000'), 'not-deterministic'],
    ['-2^53', hex('3b 001fffffffffffff'), 'not-deterministic'],
    ['2^64 - 1', hex('1b ffffffffffffffff'), 'not-deterministic'],
    ['1 in two bytes', hex('18 01'), 'not-deterministic'],
    ['undefined', hex('f7'), 'not-deterministic'],
    ['a bignum', hex('c2 41 01'), 'not-deterministic'],
    ['a typed array', hex('d8 40 41 00'), 'not-deterministic'],
    ['a stray byte that is no UTF-8', hex('61 ff'), 'malformed'],
    ['an overlong character', hex('62 c080'), 'malformed'],
    ['half a surrogate pair', hex('63 eda080'), 'malformed'],
    ['a character beyond U+10FFFF', hex('64 f4908080'), 'malformed'],
    ['two items', hex('00 00'), 'malformed'],
    ['nothing', hex(''), 'malformed'],
  ])('is refused: %s', async (_what, bytes, code) => {
    expect(await codeOf(() => decodeCbor(bytes, MESSAGE_LIMITS))).toBe(code)
    // The same behind a digest that fits.
    if (bytes.length > 0) expect((await stage.verdictOf(fileOf(bytes))).fault).toBe(`bundle: ${code}`)
  })
})

describe('a key', () => {
  const p256Key = (x: Uint8Array, y: Uint8Array): Uint8Array => concat(hex('a401022001215820'), x, hex('225820'), y)
  const edKey = (point: string): Uint8Array => concat(hex('a301012006215820'), hex(point))
  const zero = new Uint8Array(32)
  const { x, y } = p256.Point.BASE.toAffine()
  const word = (value: bigint): Uint8Array => fromHex(value.toString(16).padStart(64, '0'))
  const torsion = ed25519.Point.fromHex('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a')
  it.each<[string, Uint8Array]>([
    ['of secp256k1', concat(hex('a401022008215820'), word(x), hex('225820'), word(y))],
    ['of P-384', concat(hex('a401022002215830'), new Uint8Array(48), hex('225830'), new Uint8Array(48))],
    ['of X25519', concat(hex('a301012004215820'), word(x))],
    ['of Ed448', concat(hex('a301012007215839'), new Uint8Array(57))],
    ['with a private part', concat(hex('a501022001215820'), word(x), hex('225820'), word(y), hex('235820'), word(1n))],
    ['P-256: zero', p256Key(zero, zero)],
    ['P-256: off the curve', p256Key(word(x), word(y + 1n))],
    ['P-256: a coordinate beyond the field', p256Key(word(p256.Point.Fp.ORDER + 1n), word(y))],
    ['P-256: compressed', concat(hex('a3010220012158 21 02'), word(x))],
    ['Ed25519: zero bytes', edKey('00'.repeat(32))],
    ['Ed25519: the identity', edKey(`01${'00'.repeat(31)}`)],
    ['Ed25519: of order 2', edKey(`ec${'ff'.repeat(30)}7f`)],
    ['Ed25519: of order 8', edKey('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a')],
    ['Ed25519: with torsion', concat(hex('a301012006215820'), ed25519.Point.BASE.add(torsion).toBytes())],
    ['Ed25519: not canonical', edKey(`ee${'ff'.repeat(30)}7f`)],
    ['Ed25519: no point', edKey(`02${'00'.repeat(31)}`)],
    ['of 31 bytes', concat(hex('a30101200621581f'), new Uint8Array(31))],
    ['that is empty', hex('')],
  ])('is refused: %s', async (_what, bytes) => {
    expect(await codeOf(() => decodeCoseKey(bytes, pureSuites))).toBe('key-invalid')
    expect(await codeOf(() => decodeCoseKey(bytes, nativeSuites))).toBe('key-invalid')
    expect((await stage.verdictOf(encodeBundle({ ...stage.bundle, keys: [bytes] }, nativeHash))).fault).toBe(
      'bundle: key-invalid',
    )
  })
})

describe('what the chain says of a bundle', () => {
  const change = (of: Partial<ChainFacts>): ChainFacts => ({ ...stage.field.facts, ...of })
  const key = (of: Partial<ChainFacts['keys'][number]>): ChainFacts =>
    change({ keys: stage.field.facts.keys.map((k) => ({ ...k, ...of })) })
  it.each<[string, () => ChainFacts, string]>([
    ['a key revoked before the anchor', () => key({ revokedBlock: 499 }), 'enrolment: revoked-key'],
    ['a key revoked after the anchor', () => key({ revokedBlock: 501 }), 'none'],
    ['a key retired before this sequence', () => key({ retiredSeq: 1, retiredBlock: 499 }), 'enrolment: revoked-key'],
    ['a key retired after this sequence', () => key({ retiredSeq: 2, retiredBlock: 499 }), 'none'],
    ['a key retired after the anchor', () => key({ retiredSeq: 1, retiredBlock: 501 }), 'none'],
    ['a log that is not the home of the machine', () => change({ homes: [] }), 'home: proof-invalid'],
    [
      'an AnchorLog that the registry does not name',
      () => change({ anchorLog: 'cc'.repeat(20) }),
      'anchor: proof-invalid',
    ],
    [
      'a head that the chain never had',
      () => change({ transaction: headless(stage.field.facts) }),
      'anchor: proof-invalid',
    ],
  ])('decides: %s', async (_what, facts, fault) => {
    expect((await stage.verdictOf(encodeBundle(stage.bundle, nativeHash), facts())).fault).toBe(fault)
  })
})

function headless({ transaction }: ChainFacts): ChainFacts['transaction'] {
  return transaction && { ...transaction, treeHeads: transaction.treeHeads.slice(0, -1) }
}
