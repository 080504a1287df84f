/** definition.json: stream definitions, leaf 0 of every batch. */

import { column, events, weather } from '../fixtures.mjs'
import { hex, unhex } from '../format/bytes.mjs'
import { cbor } from '../format/cbor.mjs'
import { encodeDefinition, readDefinition } from '../format/definition.mjs'
import { leafHash } from '../format/merkle.mjs'
import { suite } from '../suite.mjs'

const NAMES = ['', 'firmware', 'software', 'model', 'cadenceMs', 'method']

function read({ bytes }) {
  const { stream, columns, context } = readDefinition(unhex(bytes))
  const named = [...context].map(([key, value]) => [NAMES[key], value instanceof Uint8Array ? hex(value) : value])
  return { stream, columns, context: Object.fromEntries(named), definitionHash: hex(leafHash(unhex(bytes))) }
}

export function definitionCases() {
  const cases = suite({
    description:
      'Stream definitions. context: digests in hex, cadenceMs, method; an absent key is absent in the bytes.',
    spec: 'schemas/spec/02-batch.md',
    rules: ['BATCH-1', 'BATCH-2', 'BATCH-3', 'BATCH-4', 'BATCH-5', 'BATCH-7'],
    read,
  })
  const accept = (name, definition) => {
    const bytes = hex(encodeDefinition(definition))
    cases.accept(name, { bytes }, read({ bytes }))
  }
  accept('weather stream', weather)
  accept('every column type', events)
  accept('one column, no context', { stream: 'a', columns: [column('v', '', 0)] })
  accept('exponents at both ends', { stream: 'x', columns: [column('lo', 'm', -18), column('hi', 'm', 18)] })
  accept('longest names', { stream: `s${'-'.repeat(63)}`, columns: [column(`C${'_'.repeat(63)}`, '', 0)] })
  accept('64 columns', { stream: 'wide', columns: Array.from({ length: 64 }, (_, i) => column(`c${i}`, '', 0)) })
  accept('method of 1024 bytes', { stream: 'm', columns: [column('v', '', 0)], context: { method: 'm'.repeat(1024) } })

  const invalid = (name, item, error = 'definition-invalid') =>
    cases.reject(name, error, { bytes: hex(item instanceof Uint8Array ? item : cbor(item)) })
  const one = [['v', '', 0, 'int']]
  const none = new Map()
  invalid('version 2', [2, 's', one, none])
  invalid('no context', [1, 's', one])
  invalid('a fifth item', [1, 's', one, none, null])
  invalid('empty stream name', [1, '', one, none])
  invalid('stream name of 65 characters', [1, 's'.repeat(65), one, none])
  invalid('stream name with a capital', [1, 'Weather', one, none])
  invalid('stream name with a slash', [1, 'a/b', one, none])
  invalid('stream name that starts with a dash', [1, '-a', one, none])
  invalid('no columns', [1, 's', [], none])
  invalid('65 columns', [1, 's', Array.from({ length: 65 }, (_, i) => [`c${i}`, '', 0, 'int']), none])
  invalid('two columns of one name', [1, 's', [...one, ['v', 'm', 0, 'int']], none])
  invalid('column name with a dash', [1, 's', [['a-b', '', 0, 'int']], none])
  invalid('column name that starts with a digit', [1, 's', [['1a', '', 0, 'int']], none])
  invalid('column name of 65 characters', [1, 's', [['v'.repeat(65), '', 0, 'int']], none])
  invalid('unit that is null', [1, 's', [['v', null, 0, 'int']], none])
  invalid('exponent 19', [1, 's', [['v', 'm', 19, 'int']], none])
  invalid('exponent -19', [1, 's', [['v', 'm', -19, 'int']], none])
  invalid('exponent on a text column', [1, 's', [['v', '', -1, 'text']], none])
  invalid('type float', [1, 's', [['v', 'm', 0, 'float']], none])
  invalid('column of three items', [1, 's', [['v', 'm', 0]], none])
  invalid('unknown context key', [1, 's', one, new Map([[6, 1]])])
  invalid('context key of text', [1, 's', one, new Map([['firmware', new Uint8Array(32)]])])
  invalid('digest of 31 bytes', [1, 's', one, new Map([[1, new Uint8Array(31)]])])
  invalid('cadence below zero', [1, 's', one, new Map([[4, -1]])])
  invalid('method of 1025 bytes', [1, 's', one, new Map([[5, 'm'.repeat(1025)]])])
  invalid('method of 1024 characters but 2048 bytes', [1, 's', one, new Map([[5, 'ó'.repeat(1024)]])])
  invalid(
    'context keys out of order',
    unhex('84016173818461766000 63696e74 a205600401'.replaceAll(' ', '')),
    'not-deterministic',
  )
  invalid('exponent as a float', unhex('8401617381846176 60f90000 63696e74a0'.replaceAll(' ', '')), 'not-deterministic')
  invalid('a byte after the definition', unhex(`${hex(encodeDefinition(weather))}00`), 'malformed')
  return cases.file()
}
