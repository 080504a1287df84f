/** cbor.json: which bytes pass the deterministic gate. */
import { unhex } from '../format/bytes.mjs'
import { MAX_DEPTH, uncbor, uncose } from '../format/cbor.mjs'
import { suite } from '../suite.mjs'

const ACCEPTED = {
  zero: '00',
  'largest one-byte head': '17',
  'smallest two-byte head': '1818',
  'two-byte head at its end': '18ff',
  'smallest three-byte head': '190100',
  'smallest five-byte head': '1a00010000',
  'largest 32-bit integer': '1affffffff',
  'smallest nine-byte head': '1b0000000100000000',
  'largest safe integer': '1b001fffffffffffff',
  'minus one': '20',
  'negative of five bytes': '3a00010000',
  'smallest safe integer': '3b001ffffffffffffe',
  'empty bytes': '40',
  'bytes of 24': `5818${'00'.repeat(24)}`,
  'empty text': '60',
  'text of two-byte letters': '64c3b3c582',
  'text of a four-byte letter': '64f09f8ca7',
  'text that starts with a byte order mark': '64efbbbf61',
  'empty array': '80',
  'array of mixed items': '8301206161',
  'empty map': 'a0',
  'map keys in order: 1, 4, 15, 16, 395, -1': 'a6010004000f0010001901 8b002000'.replace(' ', ''),
  'map keys in bytewise order: 100 before -1': 'a21864002000',
  'map keys in bytewise order: 256 before -1': 'a219010000 2000'.replace(' ', ''),
  'map with text keys: "b" before "aa"': 'a261620062616100',
  'false, true, null': '83f4f5f6',
  [`${MAX_DEPTH} nested items`]: `${'81'.repeat(MAX_DEPTH - 1)}00`,
}

const REFUSED = {
  malformed: {
    'no bytes': '',
    'truncated head': '18',
    'truncated bytes': '420a',
    'truncated text': '6261',
    'truncated array': '820a',
    'truncated map': 'a101',
    'length far beyond the input': '5b7fffffffffffffff',
    'array count far beyond the input': '9b0000ffffffffffff',
    'a byte after the item': '0000',
    'reserved head 28': '1c',
    'reserved head 30': '5e',
    'stray break': 'ff',
    'break inside an array of known length': '82ff00',
    'indefinite integer': '1f',
    'indefinite tag': 'df',
    'simple value 24 in two bytes': 'f818',
    'invalid UTF-8: lone continuation byte': '6180',
    'invalid UTF-8: truncated letter': '61c3',
    'invalid UTF-8: overlong form': '62c080',
    'invalid UTF-8: surrogate': '63eda080',
    'invalid UTF-8: above U+10FFFF': '64f4908080',
  },
  'not-deterministic': {
    'zero in two bytes': '1800',
    '23 in two bytes': '1817',
    '255 in three bytes': '1900ff',
    '65535 in five bytes': '1a0000ffff',
    '2^32 - 1 in nine bytes': '1b00000000ffffffff',
    'minus one in two bytes': '3800',
    'long head of a byte length': '580100',
    'long head of a text length': '780161',
    'long head of an array length': '980100',
    'long head of a map length': 'b801 0000'.replace(' ', ''),
    'indefinite bytes': '5f4100ff',
    'indefinite text': '7f6161ff',
    'indefinite array': '9f00ff',
    'indefinite map': 'bf0000ff',
    'half float': 'f93e00',
    'half float of a whole number': 'f93c00',
    'negative zero': 'f98000',
    'single float': 'fa3fc00000',
    'double float': 'fb3ff199999999999a',
    'not a number': 'f97e00',
    infinity: 'f97c00',
    undefined: 'f7',
    'simple value 0': 'e0',
    'simple value 255': 'f8ff',
    'keys out of order': 'a202000100',
    'keys in length-first order': 'a22000186400',
    'key given twice': 'a201000100',
    'key given twice inside an array': '81a201000101',
    'integer 2^53': '1b0020000000000000',
    'integer 2^64 - 1': '1bffffffffffffffff',
    'integer -2^53': '3b001fffffffffffff',
    'tag 0': 'c06161',
    'tag 2, a big number': 'c24101',
    'tag 24, embedded CBOR': 'd8184100',
    'self-described CBOR': 'd9d9f700',
    'tag 18 where none is allowed': 'd280',
    'a long head deep inside': '818181a1011800',
  },
  'too-large': { [`${MAX_DEPTH + 1} nested items`]: `${'81'.repeat(MAX_DEPTH)}00` },
}

export function cborCases() {
  const cases = suite({
    description: `Deterministic CBOR: one item that fills the bytes. Nesting of at most ${MAX_DEPTH} items, the innermost counted; tags as listed, at the top only.`,
    spec: 'schemas/spec/00-conventions.md',
    rules: [
      'CONV-1',
      'CONV-2',
      'CONV-3',
      'CONV-4',
      'CONV-5',
      'CONV-6',
      'CONV-7',
      'CONV-8',
      'CONV-9',
      'CONV-10',
      'CONV-11',
    ],
    read: ({ bytes, tags }) => {
      tags.length ? uncose(unhex(bytes), 'cose', 'not-deterministic') : uncbor(unhex(bytes))
    },
    maxDepth: MAX_DEPTH,
  })
  for (const [name, bytes] of Object.entries(ACCEPTED)) cases.accept(name, { tags: [], bytes })
  cases.accept('tag 18 at the top of a COSE message', { tags: [18], bytes: 'd28440a04040' })
  for (const [error, group] of Object.entries(REFUSED))
    for (const [name, bytes] of Object.entries(group)) cases.reject(name, error, { tags: [], bytes })
  cases.reject('tag 18 in two bytes', 'not-deterministic', { tags: [18], bytes: 'd8128440a04040' })
  cases.reject('tag 98 where tag 18 is allowed', 'not-deterministic', { tags: [18], bytes: 'd8628440a04080' })
  return cases.file()
}
