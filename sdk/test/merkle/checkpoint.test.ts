import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concat, fromBase64, fromHex, hash32, toBase64, toHex, utf8 } from '../../src/base/index.ts'
import { pureEd25519, pureP256 } from '../../src/crypto/index.ts'
import {
  assembleNote,
  checkpointKeyId,
  encodeCheckpointBody,
  encodeVerifierKey,
  MAX_NOTE_CHARS,
  MAX_NOTE_SIGNATURES,
  type NoteSignature,
  parseCheckpoint,
  parseNote,
  parseVerifierKey,
  verifyCheckpoint,
} from '../../src/merkle/index.ts'
import { nativeEd25519 } from '../../src/native/suites.ts'
import { expectCode, expectCodeOf } from './expect-code.ts'
import { leafOf, referenceHash } from './reference.ts'

const ORIGIN = 'gateway.example/log'
const ROOT = hash32(leafOf(utf8('root')))

/** Raw public key and a signer, by node:crypto. */
function newKey(name: string): { vkey: string; publicKey: Uint8Array; sign: (body: string) => NoteSignature } {
  const pair = generateKeyPairSync('ed25519')
  const publicKey = rawOf(pair.publicKey)
  const keyId = checkpointKeyId(name, publicKey, referenceHash)
  return {
    vkey: encodeVerifierKey(name, publicKey, referenceHash),
    publicKey,
    sign: (body) => ({ name, keyId, signature: new Uint8Array(sign(null, utf8(body), pair.privateKey)) }),
  }
}

function rawOf(key: KeyObject): Uint8Array {
  return new Uint8Array(key.export({ type: 'spki', format: 'der' }).subarray(-32))
}

const key = newKey(ORIGIN)
const BODY = encodeCheckpointBody({ origin: ORIGIN, size: 7, root: ROOT })
const NOTE = assembleNote(BODY, [key.sign(BODY)])
const verify = (text: string, origin?: string, vkey = key.vkey): Promise<unknown> =>
  verifyCheckpoint(text, vkey, pureEd25519, referenceHash, origin)

describe('a checkpoint', () => {
  it('is origin, decimal size and base64 root, a blank line and the signature', () => {
    expect(BODY).toBe(`${ORIGIN}\n7\n${toBase64(ROOT)}\n`)
    expect(NOTE).toMatch(/^[^\n]+\n7\n[^\n]{44}\n\n\u2014 gateway\.example\/log [A-Za-z0-9+/]{91}=\n$/)
    const checkpoint = parseCheckpoint(NOTE)
    expect(checkpoint).toMatchObject({ origin: ORIGIN, size: 7, root: ROOT, body: BODY })
    expect(checkpoint.signatures).toEqual([key.sign(BODY)])
  })

  it('verifies with the key of its log on both Ed25519 suites', async () => {
    for (const suite of [pureEd25519, nativeEd25519]) {
      const checkpoint = await verifyCheckpoint(NOTE, key.vkey, suite, referenceHash)
      expect(checkpoint).toEqual(parseCheckpoint(NOTE))
    }
  })

  it('comes back from every origin and size it can be written with', () => {
    const origins = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }).filter((text) => !/\p{Cc}/u.test(text))
    fc.assert(
      fc.property(
        origins,
        fc.maxSafeNat().map((size) => Math.max(1, size)),
        (origin, size) => {
          const body = encodeCheckpointBody({ origin, size, root: ROOT })
          expect(parseCheckpoint(assembleNote(body, [key.sign(body)]))).toMatchObject({
            origin,
            size,
            root: ROOT,
            body,
          })
        },
      ),
      { seed: 4, numRuns: 200 },
    )
  })

  it('may carry signatures of unknown keys', async () => {
    const body = BODY
    const witness = { ...newKey('witness.example').sign(body), signature: new Uint8Array(2420) }
    const sameName = { ...key.sign(body), keyId: Uint8Array.of(1, 2, 3, 4) }
    const sameId = { ...key.sign(body), name: 'other.example' }
    const text = assembleNote(body, [witness, sameName, sameId, key.sign(body)])
    expect(await verify(text)).toMatchObject({ size: 7, body })
    await expectCodeOf(verify(assembleNote(body, [witness, sameName, sameId])), 'checkpoint-invalid')
  })
})

describe('checkpoints published by the Go checksum database', () => {
  const VKEY = 'sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8'
  const PUBLISHED = [
    [
      15081221,
      'BoMMe1wd25Tco0mYGROkyqxHZWx+hcSCtMV315Lu6Lg=',
      'Az3grilD7vQqTrv66jRgKM84Y80KTprrSt4bKmiOPxgmS5ZVBTeCl6dUvjYnN13R+C8j0jGY1WnUADGMkok3U0m2Zgo=',
    ],
    [
      63096908,
      '8lHrQPRYe4KT4WQ9/Qk8/taKnD6IRHbFgfN7vQE2Y54=',
      'Az3gri/oVBN1jAhNZ/iS+W31psFAWRT20/GyrhpU6taFwulQGetBkH5S7wpGXdS935jiIGiUUAXBVHzT/P6fYhqAmAk=',
    ],
  ] as const

  it.each(PUBLISHED)('verify at size %i', async (size, root, signature) => {
    const text = `go.sum database tree\n${size}\n${root}\n\n\u2014 sum.golang.org ${signature}\n`
    const checkpoint = await verifyCheckpoint(text, VKEY, pureEd25519, referenceHash, 'go.sum database tree')
    expect(checkpoint).toMatchObject({ size, root: fromBase64(root) })
    // its key is not named for the log, so the log must be asked for by name
    await expectCodeOf(verifyCheckpoint(text, VKEY, pureEd25519, referenceHash), 'checkpoint-invalid')
  })
})

describe('the example of the signed-note package of Go', () => {
  const VKEY = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'
  const TEXT =
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n" +
    '\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n'

  it('has the same key, key id, text and signature here', () => {
    const peter = parseVerifierKey(VKEY, referenceHash)
    expect(peter.name).toBe('PeterNeumann')
    expect(toHex(peter.keyId)).toBe('c74f20a3')
    expect(encodeVerifierKey(peter.name, peter.publicKey, referenceHash)).toBe(VKEY)
    const { body, signatures } = parseNote(TEXT)
    expect(body.endsWith('what your problem is.\n')).toBe(true)
    const [signature] = signatures as [NoteSignature]
    expect(signature).toMatchObject({ name: peter.name, keyId: peter.keyId })
    expect(pureEd25519.verify(peter.publicKey, utf8(body), signature.signature)).toBe(true)
    expect(assembleNote(body, signatures)).toBe(TEXT)
  })

  it('is no key with any part cut off or any character changed', () => {
    for (let from = 0; from <= VKEY.length; from++) {
      for (let to = from; to <= VKEY.length; to++) {
        if (to - from === VKEY.length) continue
        expectCode(() => parseVerifierKey(VKEY.slice(from, to), referenceHash), 'key-invalid')
      }
    }
    for (let i = 0; i < VKEY.length; i++) {
      const changed = VKEY.slice(0, i) + String.fromCharCode(VKEY.charCodeAt(i) + 1) + VKEY.slice(i + 1)
      expectCode(() => parseVerifierKey(changed, referenceHash), 'key-invalid')
    }
  })

  it('is no key of another type or length, even under a fitting id', () => {
    const peter = parseVerifierKey(VKEY, referenceHash)
    const withKey = (typed: Uint8Array): string => {
      const id = referenceHash.sha256(concat(utf8('PeterNeumann\n'), typed)).subarray(0, 4)
      return `PeterNeumann+${toHex(id)}+${toBase64(typed)}`
    }
    expect(withKey(concat(Uint8Array.of(1), peter.publicKey))).toBe(VKEY)
    expectCode(() => parseVerifierKey(withKey(concat(Uint8Array.of(4), peter.publicKey)), referenceHash), 'key-invalid')
    expectCode(
      () => parseVerifierKey(withKey(concat(Uint8Array.of(1), peter.publicKey.subarray(1))), referenceHash),
      'key-invalid',
    )
    expectCode(
      () => parseVerifierKey(withKey(concat(Uint8Array.of(1), peter.publicKey, ROOT)), referenceHash),
      'key-invalid',
    )
  })
})

describe('verification', () => {
  it('rejects a checkpoint with any one character changed', async () => {
    for (let i = 0; i < NOTE.length; i++) {
      for (const other of ['\n', ' ', '0', 'A', '+', '=', '\u2014']) {
        if (NOTE[i] === other) continue
        await expectCodeOf(verify(NOTE.slice(0, i) + other + NOTE.slice(i + 1)), 'checkpoint-invalid')
      }
    }
  })

  it('rejects a checkpoint with any one character missing or doubled', async () => {
    for (let i = 0; i < NOTE.length; i++) {
      await expectCodeOf(verify(NOTE.slice(0, i) + NOTE.slice(i + 1)), 'checkpoint-invalid')
      await expectCodeOf(verify(NOTE.slice(0, i) + NOTE[i] + NOTE.slice(i)), 'checkpoint-invalid')
    }
  })

  it('rejects the checkpoint of another log by the same key', async () => {
    const body = encodeCheckpointBody({ origin: 'other.example/log', size: 7, root: ROOT })
    const text = assembleNote(body, [key.sign(body)])
    await expectCodeOf(verify(text), 'checkpoint-invalid')
    expect(await verify(text, 'other.example/log')).toMatchObject({ origin: 'other.example/log' })
  })

  it('rejects a good signature beside a bad one by the same key', async () => {
    const bad = { ...key.sign(BODY), signature: key.sign(`${BODY}x\n`).signature }
    await expectCodeOf(verify(assembleNote(BODY, [key.sign(BODY), bad])), 'checkpoint-invalid')
    await expectCodeOf(verify(assembleNote(BODY, [bad, key.sign(BODY)])), 'checkpoint-invalid')
    await expectCodeOf(
      verify(assembleNote(BODY, [{ ...bad, signature: concat(key.sign(BODY).signature, ROOT) }])),
      'checkpoint-invalid',
    )
  })

  it('rejects another key of the same name', async () => {
    await expectCodeOf(verify(NOTE, undefined, newKey(ORIGIN).vkey), 'checkpoint-invalid')
  })

  it('rejects a key that is no good point and a suite of another algorithm', async () => {
    const identity = fromHex(`01${'00'.repeat(31)}`)
    const vkey = encodeVerifierKey(ORIGIN, identity, referenceHash)
    await expectCodeOf(verify(NOTE, undefined, vkey), 'key-invalid')
    await expectCodeOf(verifyCheckpoint(NOTE, key.vkey, pureP256, referenceHash), 'key-invalid')
  })
})

describe('parsing', () => {
  const [signatureLine] = NOTE.split('\n').slice(-2) as [string]
  const noteOf = (body: string, ...lines: string[]): string => `${body}\n${lines.map((line) => `${line}\n`).join('')}`
  const root64 = toBase64(ROOT)

  it('accepts the parts that the rejected ones are made of', () => {
    expect(noteOf(BODY, signatureLine)).toBe(NOTE)
    expect(parseCheckpoint(noteOf(`${ORIGIN}\n1\n${root64}\n`, signatureLine)).size).toBe(1)
    expect(parseCheckpoint(noteOf(`${ORIGIN}\n9007199254740991\n${root64}\n`, signatureLine)).size).toBe(2 ** 53 - 1)
  })

  it.each([
    ['', 'empty'],
    ['+7', 'signed'],
    ['-0', 'negative zero'],
    ['-7', 'negative'],
    ['07', 'padded'],
    ['7 ', 'spaced'],
    ['7.0', 'fractional'],
    ['7e0', 'exponential'],
    ['0x7', 'hexadecimal'],
    ['\u0667', 'not ASCII'],
    ['9007199254740992', 'over 2^53 - 1'],
    ['1e400', 'infinite'],
    ['NaN', 'no number'],
  ])('rejects the size %j (%s)', (size) => {
    expectCode(() => parseCheckpoint(noteOf(`${ORIGIN}\n${size}\n${root64}\n`, signatureLine)), 'checkpoint-invalid')
  })

  it.each([
    toBase64(ROOT.subarray(1)),
    toBase64(concat(ROOT, Uint8Array.of(0))),
    root64.slice(0, -1),
    `${root64}=`,
    // stray bits in the last digit
    `${root64.slice(0, -2)}${String.fromCharCode(root64.charCodeAt(42) + 1)}=`,
    root64.replace(/.$/, '-'),
    toHex(ROOT),
  ])('rejects the root %s', (root) => {
    expectCode(() => parseCheckpoint(noteOf(`${ORIGIN}\n7\n${root}\n`, signatureLine)), 'checkpoint-invalid')
  })

  it.each([
    ['no text', '\n\n'],
    ['two lines', noteOf(`${ORIGIN}\n7\n`, signatureLine)],
    ['no origin', noteOf(`\n7\n${root64}\n`, signatureLine)],
    ['an empty fourth line', noteOf(`${BODY}\nextra\n`, signatureLine)],
    ['a fourth line (LOG-20)', noteOf(`${BODY}extra\n`, signatureLine)],
    ['no signature', `${BODY}\n`],
    ['no blank line', `${BODY}${signatureLine}\n`],
    ['no last newline', NOTE.slice(0, -1)],
    ['a second last newline', `${NOTE}\n`],
    ['a carriage return', NOTE.replaceAll('\n', '\r\n')],
    ['a tab', NOTE.replace('7', '\t7')],
    ['a NUL', NOTE.replace('7', '7\0')],
    ['a lone surrogate', NOTE.replace(ORIGIN, 'a\ud800b')],
    ['a hyphen for the dash', NOTE.replace('\u2014', '-')],
    ['text under the signatures', noteOf(BODY, signatureLine, 'more')],
    ['a signature line without name', noteOf(BODY, signatureLine.replace(ORIGIN, ''))],
    ['a name with a plus', noteOf(BODY, signatureLine.replace(ORIGIN, 'a+b'))],
    ['a name with a space', noteOf(BODY, signatureLine.replace(ORIGIN, 'a b'))],
    ['a name with a Unicode space', noteOf(BODY, signatureLine.replace(ORIGIN, 'a\u2003b'))],
    ['a name with a next-line character', noteOf(BODY, signatureLine.replace(ORIGIN, 'a\u0085b'))],
    ['a trailing space', noteOf(BODY, `${signatureLine} `)],
    ['an empty signature', noteOf(BODY, `\u2014 ${ORIGIN} `)],
    ['a key id alone', noteOf(BODY, `\u2014 ${ORIGIN} AQIDBA==`)],
    ['base64 with a line break', noteOf(BODY, signatureLine.replace(/.{10}$/, '\n$&'))],
    ['too many signatures', noteOf(BODY, ...Array<string>(MAX_NOTE_SIGNATURES + 1).fill(signatureLine))],
    ['too many characters', noteOf(`${BODY}${'x'.repeat(MAX_NOTE_CHARS)}\n`, signatureLine)],
  ])('rejects %s', (_what, text) => {
    expectCode(() => parseCheckpoint(text), 'checkpoint-invalid')
  })

  it('accepts as many signatures as the limit and as large as post-quantum ones', () => {
    const large = { name: 'w', keyId: Uint8Array.of(1, 2, 3, 4), signature: new Uint8Array(4627) }
    expect(parseNote(assembleNote(BODY, Array<NoteSignature>(16).fill(large))).signatures).toHaveLength(16)
    const many = noteOf(BODY, ...Array<string>(MAX_NOTE_SIGNATURES).fill(signatureLine))
    expect(parseNote(many).signatures).toHaveLength(MAX_NOTE_SIGNATURES)
  })

  it('yields a checkpoint or a coded error for any text', () => {
    const piece = fc.oneof(
      fc.constantFrom('\n', '\n\n', '\u2014 ', ' ', '7', root64, ORIGIN, signatureLine),
      fc.string({ unit: 'binary', maxLength: 8 }),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        try {
          const { body, ...head } = parseCheckpoint(pieces.join(''))
          expect(encodeCheckpointBody(head)).toBe(body)
        } catch (error) {
          expect(error).toMatchObject({ code: 'checkpoint-invalid' })
        }
      }),
      { seed: 5, numRuns: 2000 },
    )
  })
})

describe('writing', () => {
  it.each(['', 'two\nlines', 'tab\there', '\ud800'])('refuses the origin %j', (origin) => {
    expectCode(() => encodeCheckpointBody({ origin, size: 7, root: ROOT }), 'checkpoint-invalid')
  })

  it('refuses an origin that would forge the lines below it', () => {
    const origin = `evil\n9\n${toBase64(ROOT)}`
    expectCode(() => encodeCheckpointBody({ origin, size: 7, root: ROOT }), 'checkpoint-invalid')
  })

  it('refuses sizes that are no count and roots that are no hash', () => {
    for (const size of [-1, 0, 1.5, Number.NaN, 2 ** 53, 1e21]) {
      expectCode(() => encodeCheckpointBody({ origin: ORIGIN, size, root: ROOT }), 'checkpoint-invalid')
    }
    expectCode(() => encodeCheckpointBody({ origin: ORIGIN, size: 7, root: ROOT.subarray(1) }), 'wrong-length')
  })

  it('refuses a note that would not read back', () => {
    const signature = key.sign(BODY)
    expectCode(() => assembleNote(BODY, []), 'checkpoint-invalid')
    expectCode(() => assembleNote(BODY.slice(0, -1), [signature]), 'checkpoint-invalid')
    expectCode(() => assembleNote(BODY, [{ ...signature, name: 'a b' }]), 'checkpoint-invalid')
    expectCode(
      () => assembleNote(BODY, [{ ...signature, name: `x AQIDBAU=\n\n\u2014 ${ORIGIN}` }]),
      'checkpoint-invalid',
    )
    expectCode(() => assembleNote(BODY, [{ ...signature, keyId: Uint8Array.of(1) }]), 'wrong-length')
  })

  it.each(['', 'a b', 'a+b', 'a\nb', 'a\u00a0b', '\udfff'])('refuses the key name %j', (name) => {
    expectCode(() => checkpointKeyId(name, key.publicKey, referenceHash), 'key-invalid')
  })

  it('refuses a public key that has not 32 bytes', () => {
    expectCode(() => encodeVerifierKey(ORIGIN, key.publicKey.subarray(1), referenceHash), 'wrong-length')
  })
})
