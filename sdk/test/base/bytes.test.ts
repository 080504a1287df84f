import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Code,
  compareBytes,
  concat,
  equalBytes,
  expectLength,
  FieldproofError,
  fromBase32,
  fromBase64,
  fromHex,
  toBase32,
  toBase64,
  toHex,
  utf8,
} from '../../src/base/index.ts'

const anyBytes = fc.uint8Array({ maxLength: 100 })

/** Code that `run` throws; anything but a FieldproofError comes through. */
function codeThrownBy(run: () => unknown): Code | undefined {
  try {
    run()
    return undefined
  } catch (error) {
    if (error instanceof FieldproofError) return error.code
    throw error
  }
}

/** Each text encoding, with an independent writer and texts that look like its own. */
const CODECS = [
  {
    name: 'base32',
    encode: toBase32,
    decode: fromBase32,
    like: fc.string({ unit: fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz234567A=0 '), maxLength: 30 }),
  },
  {
    name: 'base64',
    encode: toBase64,
    decode: fromBase64,
    like: fc.string({ unit: fc.constantFrom(...'ABCXYZabcxyz0123456789+/=-_'), maxLength: 30 }),
  },
] as const

describe.each(CODECS)('$name', ({ encode, decode, like }) => {
  it('comes back as the bytes that were written', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        expect(decode(encode(bytes))).toEqual(bytes)
      }),
      { seed: 11 },
    )
  })

  it('has one spelling for each value: what decodes is what would be written', () => {
    fc.assert(
      fc.property(fc.oneof(like, fc.string()), (text) => {
        const code = codeThrownBy(() => decode(text))
        expect(code === undefined ? encode(decode(text)) : code).toBe(code === undefined ? text : 'hex-invalid')
      }),
      { seed: 12, numRuns: 2000 },
    )
  })

  it('refuses a written text when any one character is dropped or doubled, or reads other bytes from it', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 20 }), fc.nat(), fc.boolean(), (bytes, at, drop) => {
        const text = encode(bytes)
        const i = at % text.length
        const changed = text.slice(0, i) + (drop ? '' : text.slice(i, i + 1)) + text.slice(drop ? i + 1 : i)
        if (codeThrownBy(() => decode(changed)) !== 'hex-invalid') expect(decode(changed)).not.toEqual(bytes)
      }),
      { seed: 13, numRuns: 500 },
    )
  })
})

describe('base32', () => {
  it('writes the vectors of RFC 4648 in lower case without padding', () => {
    const vectors = ['', 'f', 'fo', 'foo', 'foob', 'fooba', 'foobar'].map((text) => toBase32(utf8(text)))
    expect(vectors).toEqual(['', 'my', 'mzxq', 'mzxw6', 'mzxw6yq', 'mzxw6ytb', 'mzxw6ytboi'])
  })

  it.each([
    ['upper case', 'MY'],
    ['padding', 'my======'],
    ['a digit outside the alphabet', 'm1'],
    ['bits after the last byte', 'mz'],
    ['a length that no bytes have', 'm'],
    ['three characters', 'mzx'],
    ['a space', 'my '],
  ])('refuses %s', (_name, text) => {
    expect(codeThrownBy(() => fromBase32(text))).toBe('hex-invalid')
  })
})

describe('base64', () => {
  it('writes what Node writes', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'))
      }),
      { seed: 14 },
    )
  })

  it.each([
    ['no padding', 'Zg'],
    ['half the padding', 'Zg='],
    ['padding too much', 'Zm9v='],
    ['padding alone', '='],
    ['padding in the middle', 'Zg==Zg=='],
    ['bits after the last byte', 'Zh=='],
    ['the alphabet for URLs', '-_-_'],
    ['a line break', 'Zm9v\n'],
  ])('refuses %s', (_name, text) => {
    expect(codeThrownBy(() => fromBase64(text))).toBe('hex-invalid')
  })
})

describe('hex', () => {
  it('writes what Node writes, and reads it back with prefix and in upper case', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        const text = toHex(bytes)
        expect(text).toBe(Buffer.from(bytes).toString('hex'))
        for (const spelling of [text, `0x${text}`, text.toUpperCase()]) expect(fromHex(spelling)).toEqual(bytes)
      }),
      { seed: 15 },
    )
  })

  it('yields bytes or a coded error for every text', () => {
    const like = fc.string({ unit: fc.constantFrom(...'0123456789abcdefABCDEFxg '), maxLength: 20 })
    fc.assert(
      fc.property(fc.oneof(like, fc.string()), (text) => {
        const code = codeThrownBy(() => fromHex(text))
        if (code === undefined) expect(toHex(fromHex(text))).toBe(text.replace(/^0x/, '').toLowerCase())
        else expect(code).toBe('hex-invalid')
      }),
      { seed: 16, numRuns: 2000 },
    )
  })

  it.each([
    ['an odd number of digits', 'abc'],
    ['a letter that is no digit', 'zz'],
    ['a prefix in upper case', '0Xab'],
    ['two prefixes', '0x0x'],
    ['a line break at the end', 'ab\n'],
    ['digits of other scripts', '１２'],
  ])('refuses %s', (_name, text) => {
    expect(codeThrownBy(() => fromHex(text))).toBe('hex-invalid')
  })
})

describe('bytes', () => {
  it('are joined into an array of their own', () => {
    const part = Uint8Array.of(1, 2)
    const joined = concat(part, new Uint8Array(), Uint8Array.of(3))
    part[0] = 9
    expect(joined).toEqual(Uint8Array.of(1, 2, 3))
    expect(concat()).toEqual(new Uint8Array())
  })

  it('are ordered and compared as Node orders and compares them', () => {
    const few = fc.uint8Array({ max: 2, maxLength: 3 })
    fc.assert(
      fc.property(few, few, (a, b) => {
        expect(Math.sign(compareBytes(a, b))).toBe(Buffer.compare(a, b))
        expect(equalBytes(a, b)).toBe(Buffer.compare(a, b) === 0)
      }),
      { seed: 17, numRuns: 1000 },
    )
  })

  it('are returned as they are when they have the wanted length', () => {
    const bytes = Uint8Array.of(1, 2)
    expect(expectLength(bytes, 2, 'pair')).toBe(bytes)
  })

  it('are refused when they are longer or shorter, with both lengths as facts', () => {
    for (const length of [1, 3]) {
      const run = (): unknown => expectLength(new Uint8Array(length), 2, 'pair')
      expect(codeThrownBy(run)).toBe('wrong-length')
      expect(run).toThrow(expect.objectContaining({ facts: { what: 'pair', got: length, want: 2 } }))
    }
  })

  it('of a text are its UTF-8', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', '\u0000', 'é', '€', '😀', '\u{10ffff}') }), (text) => {
        expect(utf8(text)).toEqual(new Uint8Array(Buffer.from(text, 'utf8')))
      }),
      { seed: 18 },
    )
  })
})
