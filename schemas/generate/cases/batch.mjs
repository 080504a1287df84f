/** batch.json: open batch messages as a gateway reads them. */

import {
  BUOY,
  buoy,
  eventRows,
  eventsBytes,
  fields,
  station,
  stranger,
  T0,
  weatherBytes,
  weatherRows,
} from '../fixtures.mjs'
import { openBatch, readBatch } from '../format/batch.mjs'
import { flip, hex, labelled, unhex } from '../format/bytes.mjs'
import { cbor, uncbor } from '../format/cbor.mjs'
import { readDefinition } from '../format/definition.mjs'
import { batchLeaves, MAX_VALUE } from '../format/row.mjs'
import { cose, readStatement, signStatement } from '../format/statement.mjs'
import { suite, toJson } from '../suite.mjs'

const KEYS = [station.key, buoy.key]
const DEFINITIONS = [weatherBytes, eventsBytes]
const seed = labelled('batch seed')

function read({ message }) {
  const { statement, rows } = readBatch(unhex(message), { keys: KEYS, definitions: DEFINITIONS })
  return { rows: toJson(rows), root: hex(statement.root), statementId: hex(statement.id) }
}

export function batchCases() {
  const cases = suite({
    description:
      'Open batch messages [statement, seed, [times, column 1 .. column k]] and the rows they carry, as a gateway that knows these keys and definitions reads them. error: the refusal.',
    spec: 'schemas/spec/02-batch.md',
    rules: [
      'CONV-12',
      'WIRE-4',
      'BATCH-13',
      'BATCH-14',
      'BATCH-20',
      'BATCH-21',
      'BATCH-22',
      'BATCH-23',
      'BATCH-24',
      'BATCH-31',
      'BATCH-40',
    ],
    read,
    keys: KEYS.map(hex),
    definitions: DEFINITIONS.map(hex),
  })
  const build = (definition, rows, signer = station, overrides = {}) =>
    openBatch({ definition, seed, rows, fields: fields(overrides), signer })
  const accept = (name, definition, rows, signer = station, overrides = {}) => {
    const { statement, columns, message, root } = build(definition, rows, signer, overrides)
    cases.accept(name, {
      definition: hex(definition),
      seed: hex(seed),
      rows: toJson(rows),
      leafHashes: rows.length <= 64 ? batchLeaves(definition, seed, rows).map(hex) : undefined,
      root: hex(root),
      columns: toJson(columns),
      statement: hex(statement.bytes),
      statementId: hex(statement.id),
      message: hex(message),
    })
  }
  accept('five rows of two columns', weatherBytes, weatherRows)
  accept('one row', weatherBytes, weatherRows.slice(0, 1))
  accept('two rows', weatherBytes, weatherRows.slice(0, 2))
  accept('every column type, times that go back', eventsBytes, eventRows)
  accept('an Ed25519 machine', weatherBytes, weatherRows, buoy, { machine: BUOY })
  accept('no beacon, clock unsynced', weatherBytes, weatherRows.slice(0, 3), station, { beacon: null, clockQuality: 0 })
  accept(
    'sixty evenly spaced rows',
    weatherBytes,
    Array.from({ length: 60 }, (_, i) => [T0 + i * 60000, 2000 + ((i * 7) % 11), 500 - i]),
  )
  accept('values from end to end of the range', weatherBytes, [
    [T0, MAX_VALUE, -MAX_VALUE],
    [T0, -MAX_VALUE, MAX_VALUE],
    [0, null, 0],
    [T0, MAX_VALUE, null],
  ])
  accept('times uneven, then even', weatherBytes, [
    [T0, 1, 1],
    [T0 + 7, 2, 2],
    [T0 + 10, 3, 3],
    [T0 + 13, 4, 4],
  ])
  accept('two rows of one time', weatherBytes, [
    [T0, 1, 1],
    [T0, 1, 1],
  ])
  accept('three rows of one time', weatherBytes, [
    [T0, 1, 1],
    [T0, 1, 1],
    [T0, 1, 1],
  ])
  accept('time that is uneven only at the end', weatherBytes, [
    [T0, 1, 1],
    [T0 + 1, 1, 1],
    [T0 + 2, 1, 1],
    [T0 + 2, 1, 1],
  ])
  accept('column that starts with missing values', weatherBytes, [
    [T0, null, null],
    [T0 + 1, null, 5],
    [T0 + 3, 7, 5],
  ])

  const ofLength = (length) => {
    const evidence = (size) => build(eventsBytes, [[T0, 1, new Uint8Array(size), null, null]]).message
    return evidence(length - (evidence(60000).length - 60000))
  }
  const good = build(weatherBytes, weatherRows)
  const [statement, , columns] = uncbor(good.message)
  const send = (...items) => cbor(items)
  const reject = (name, error, message) => cases.reject(name, error, { message: hex(message) })
  const edited = (edit) => {
    const copy = columns.map((column) => [...column])
    edit(copy)
    return send(statement, seed, copy)
  }
  const resigned = (overrides) => {
    const changed = {
      ...fields(),
      leafCount: 6,
      definitionHash: readStatement(statement).definitionHash,
      sealed: null,
      ...overrides,
    }
    return signStatement(changed, good.root, station).bytes
  }
  reject(
    'a row value changed',
    'root-mismatch',
    edited((c) => {
      c[1][1] += 1
    }),
  )
  reject(
    'a time changed',
    'root-mismatch',
    edited((c) => {
      c[0][1] += 1
    }),
  )
  reject(
    'a missing value given as no difference',
    'root-mismatch',
    edited((c) => {
      c[2][2] = 0
    }),
  )
  reject(
    'columns swapped',
    'root-mismatch',
    edited((c) => {
      ;[c[1], c[2]] = [c[2], c[1]]
    }),
  )
  reject('seed changed', 'root-mismatch', send(statement, flip(seed), columns))
  reject(
    'root of other rows signed',
    'root-mismatch',
    send(
      build(
        weatherBytes,
        weatherRows.map((r) => [r[0], r[2], r[1]]),
      ).statement.bytes,
      seed,
      columns,
    ),
  )
  reject('leaf count one more than rows', 'count-mismatch', send(resigned({ leafCount: 7 }), seed, columns))
  reject('leaf count one less than rows', 'count-mismatch', send(resigned({ leafCount: 5 }), seed, columns))
  reject(
    'last row left out',
    'count-mismatch',
    edited((c) => c.slice(1).forEach((column) => void column.pop())),
  )
  reject(
    'no rows',
    'malformed',
    edited((c) => c.forEach((column) => void column.splice(0))),
  )
  reject(
    'one column shorter',
    'malformed',
    edited((c) => void c[2].pop()),
  )
  reject(
    'a column too few',
    'malformed',
    edited((c) => void c.pop()),
  )
  reject(
    'a column too many',
    'malformed',
    edited((c) => void c.push(c[1])),
  )
  reject('no columns at all', 'malformed', send(statement, seed, []))
  reject('columns that are not arrays', 'malformed', send(statement, seed, [1, 2, 3]))
  reject(
    'text in a number column',
    'malformed',
    edited((c) => {
      c[1][0] = '2137'
    }),
  )
  reject(
    'bool in a number column',
    'malformed',
    edited((c) => {
      c[1][0] = true
    }),
  )
  reject(
    'missing time',
    'malformed',
    edited((c) => {
      c[0][1] = null
    }),
  )
  reject(
    'time that goes below zero',
    'malformed',
    edited((c) => {
      c[0][0] = -1
    }),
  )
  reject(
    'time that goes beyond 2^48',
    'malformed',
    edited((c) => {
      c[0][1] = 2 ** 48
    }),
  )
  reject(
    'difference that leaves the range of values',
    'malformed',
    edited((c) => {
      c[1][0] = MAX_VALUE
    }),
  )
  const timed = (name, times) =>
    reject(
      `time column ${name}`,
      'malformed',
      edited((c) => {
        c[0] = times
      }),
    )
  timed('with a zero at its end', [T0, 60000, 0])
  timed('with zeros to its end', [T0, 60000, 0, 0, 0])
  timed('without its first difference', [T0])
  timed('that is empty', [])
  timed('longer than the rows', [T0, 60000, 0, 0, 0, 1])
  reject('seed of 31 bytes', 'malformed', send(statement, seed.slice(1), columns))
  reject('two items', 'malformed', send(statement, seed))
  reject('four items', 'malformed', send(statement, seed, columns, null))
  reject('a map', 'malformed', cbor(new Map([[1, statement]])))
  reject('statement without its tag', 'malformed', send(statement.slice(1), seed, columns))
  reject(
    'statement with a payload of 31 bytes',
    'malformed',
    send(changeCose(statement, 2, good.root.slice(1)), seed, columns),
  )
  reject('cut short', 'malformed', good.message.slice(0, -1))
  reject('a byte after the message', 'malformed', Uint8Array.of(...good.message, 0))
  reject('a difference as a float', 'not-deterministic', edit(good.message, '04', 'f94400', columns))
  reject(
    'indefinite array of columns',
    'not-deterministic',
    unhex(`${hex(send(statement, seed, [])).slice(0, -2)}9f${columns.map((c) => hex(cbor(c))).join('')}ff`),
  )
  reject('long head inside the statement', 'not-deterministic', send(longHead(statement), seed, columns))
  reject(
    'signature of another message',
    'bad-signature',
    send(
      changeCose(
        statement,
        3,
        build(
          weatherBytes,
          eventRows.map((r) => [r[0], 1, 2]),
        ).statement.signature,
      ),
      seed,
      columns,
    ),
  )
  reject(
    'a bit of the signature changed',
    'bad-signature',
    send(flip(statement, 8 * statement.length - 8), seed, columns),
  )
  reject('signed root changed', 'bad-signature', send(changeCose(statement, 2, flip(good.root)), seed, columns))
  reject('key that nobody enrolled', 'unknown-key', build(weatherBytes, weatherRows, stranger).message)
  reject('definition that was never published', 'stream-unknown', build(withCadence(), weatherRows).message)
  reject(
    'sealed digest signed, rows sent open',
    'sealed-mismatch',
    send(resigned({ sealed: labelled('digest') }), seed, columns),
  )
  reject('open statement, no seed and no recipient', 'malformed', send(statement, null, [new Uint8Array(16), []]))
  const box = [new Uint8Array(32), new Uint8Array(32), new Uint8Array(48)]
  reject('open statement sent as sealed', 'sealed-mismatch', send(statement, null, [new Uint8Array(16), [box]]))
  reject('65536 bytes', 'too-large', ofLength(65536))
  return cases.file()
}

const changeCose = (bytes, index, value) => {
  const parts = uncbor(bytes.slice(1))
  parts[index] = value
  return cose(...parts)
}

/** d2 84 58.. : the length of the protected header in three bytes instead of two. */
const longHead = (bytes) => Uint8Array.of(0xd2, 0x84, 0x59, 0x00, ...bytes.slice(3))

/** The second difference of the first column (4) as a half float. */
const edit = (message, from, to, columns) => {
  const column = hex(cbor(columns[1]))
  return unhex(hex(message).replace(column, column.replace(from, to)))
}

const withCadence = () => {
  const { stream, columns } = readDefinition(weatherBytes)
  return cbor([1, stream, columns.map((c) => [c.name, c.unit, c.exponent, c.type]), new Map([[4, 1000]])])
}
