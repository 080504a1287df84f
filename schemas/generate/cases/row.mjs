/** row.json: salts, row inputs, leaf hashes. */

import { eventRows, events, T0, weather } from '../fixtures.mjs'
import { hex, labelled, unhex } from '../format/bytes.mjs'
import { cbor } from '../format/cbor.mjs'
import { leafHash } from '../format/merkle.mjs'
import { encodeRow, MAX_TIME, MAX_VALUE, readRow, saltOf } from '../format/row.mjs'
import { fromJson, suite, toJson } from '../suite.mjs'

const STREAMS = { weather, events }

function read({ stream, seed, index, row, input }) {
  const { salt, time, values } = readRow(unhex(input), STREAMS[stream].columns)
  const encoded = hex(encodeRow(saltOf(unhex(seed), index), fromJson(row)))
  if (encoded !== input) throw new Error('row encodes otherwise')
  return { salt: hex(salt), row: toJson([time, ...values]), leafHash: hex(leafHash(unhex(input))) }
}

export function rowCases() {
  const cases = suite({
    description:
      'Rows [time, v1 .. vk] with bytes as {"hex"}: salt of (seed, index), leaf input, leaf hash. Streams are those of definition.json; types are the types of their columns.',
    spec: 'schemas/spec/02-batch.md',
    rules: ['BATCH-11', 'BATCH-12', 'BATCH-13', 'BATCH-15'],
    read: (item) => (item.valid ? read(item) : void readRow(unhex(item.input), STREAMS[item.stream].columns)),
  })
  const seed = labelled('seed of rows')
  const types = (stream) => STREAMS[stream].columns.map(({ type }) => type)
  const accept = (name, stream, index, row) => {
    const input = hex(encodeRow(saltOf(seed, index), row))
    const item = { stream, types: types(stream), seed: hex(seed), index, row: toJson(row), input }
    cases.accept(name, item, read(item))
  }
  accept('two numbers', 'weather', 1, [T0, 2137, 564])
  accept('a missing value', 'weather', 2, [T0 + 60000, 2141, null])
  accept('all values missing', 'weather', 3, [T0, null, null])
  accept('negative values', 'weather', 4, [T0, -1, -40])
  accept('largest values', 'weather', 5, [T0, MAX_VALUE, -MAX_VALUE])
  accept('time zero', 'weather', 6, [0, 0, 0])
  accept('largest time', 'weather', 7, [MAX_TIME, 0, 0])
  accept('last row of the largest batch', 'weather', 4096, [T0, 23, 24])
  accept('values on both sides of each head length', 'weather', 256, [T0, 65536, -257])
  accept('value above 32 bits', 'weather', 257, [T0, 4294967296, -4294967297])
  eventRows.forEach((row, i) => {
    accept(`every type, row ${i + 1}`, 'events', i + 1, row)
  })

  const salt = saltOf(seed, 1)
  const reject = (name, error, input, stream = 'weather') =>
    cases.reject(name, error, { stream, types: types(stream), input: hex(input) })
  const invalid = (name, item, stream) => reject(name, 'row-invalid', cbor(item), stream)
  invalid('salt of 15 bytes', [salt.slice(1), T0, 1, 2])
  invalid('salt of 17 bytes', [Uint8Array.of(...salt, 0), T0, 1, 2])
  invalid('no salt', [T0, 1, 2])
  invalid('time missing', [salt, null, 1, 2])
  invalid('time below zero', [salt, -1, 1, 2])
  invalid('time 2^48', [salt, MAX_TIME + 1, 1, 2])
  invalid('a value too few', [salt, T0, 1])
  invalid('a value too many', [salt, T0, 1, 2, 3])
  invalid('value 2^52', [salt, T0, MAX_VALUE + 1, 2])
  invalid('value -2^52', [salt, T0, -MAX_VALUE - 1, 2])
  invalid('text in a number column', [salt, T0, '1', 2])
  invalid('bool in a number column', [salt, T0, true, 2])
  invalid('number in a text column', [salt, T0, 1, salt, 1, true], 'events')
  invalid('text in a bytes column', [salt, T0, 1, 'a', 'a', true], 'events')
  invalid('number in a bool column', [salt, T0, 1, salt, 'a', 1], 'events')
  invalid('array as a value', [salt, T0, [1], 2])
  invalid('a map', new Map([[1, salt]]))
  reject('float value', 'not-deterministic', unhex(`8450${hex(salt)}00f9000000`))
  reject('value with a long head', 'not-deterministic', unhex(`8450${hex(salt)}00180100`))
  reject('cut short', 'malformed', cbor([salt, T0, 1, 2]).slice(0, -1))
  reject('a byte after the row', 'malformed', unhex(`${hex(cbor([salt, T0, 1, 2]))}00`))
  return cases.file()
}
