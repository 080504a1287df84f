/** Bundle files with one fault each, against a chain that confirms the anchor. */

import { buoy, eventsBytes, stranger, weatherBytes } from '../fixtures.mjs'
import { encodeBundle, frame } from '../format/bundle.mjs'
import { flip, hex, labelled, unhex } from '../format/bytes.mjs'
import { cbor, uncbor } from '../format/cbor.mjs'
import { encodeRow, saltOf } from '../format/row.mjs'
import { cose } from '../format/statement.mjs'
import { BATCHES, ENTRIES, SIZE } from '../world.mjs'
import { CHAIN, edit, parts, TRUST } from './bundle-parts.mjs'

/** Faults of the file itself. */
export function rejectFiles(cases) {
  const reject = (name, error, file, check = 'form') =>
    cases.reject(name, error, { bundle: hex(file), trust: TRUST, chain: CHAIN, check })
  const failing = (name, check, file) => reject(name, `check:${check}`, file, check)
  const one = parts({ 1: [2] })
  const two = parts({ 1: [1], 2: [3] })
  const good = encodeBundle(one)
  const body = good.slice(32)
  const changed = (base, change) => encodeBundle(edit(base, change))
  const form = (name, base, change) => reject(name, 'bundle-invalid', changed(base, change))

  reject('digest changed', 'bundle-digest', flip(good), 'digest')
  reject('body changed under its digest', 'bundle-digest', flip(good, 8 * good.length - 1), 'digest')
  reject('cut short', 'bundle-digest', good.slice(0, -1), 'digest')
  reject('a byte after the body', 'bundle-digest', Uint8Array.of(...good, 0), 'digest')
  reject('body without digest', 'bundle-digest', body, 'digest')
  reject('no bytes', 'bundle-digest', new Uint8Array(0), 'digest')
  reject('digest alone', 'bundle-digest', good.slice(0, 32), 'digest')
  reject('a byte after the body, under the digest', 'malformed', frame(Uint8Array.of(...body, 0)))
  reject('version in two bytes', 'not-deterministic', frame(unhex(`861801${hex(body).slice(4)}`)))
  form('version 2', one, (b) => {
    b.version = 2
  })
  reject('a seventh item', 'bundle-invalid', frame(cbor([...uncbor(body), null])))
  form('no keys', one, (b) => {
    b.keys = []
  })
  form('a key that no statement uses', one, (b) => void b.keys.push(buoy.key))
  form('a key twice', two, (b) => {
    b.keys.push(b.keys[0])
    b.statements[1][1] = 1
  })
  form('a definition that no statement uses', one, (b) => void b.definitions.push(eventsBytes))
  form('a definition twice', parts({ 1: [1], 3: [1] }), (b) => {
    b.definitions.push(b.definitions[0])
    b.statements[1][2] = 1
  })
  form('a statement without rows', two, (b) => void b.rows.pop())
  form('a statement twice, at two places of the log', one, (b) => {
    const [bytes, key, definition, index, path] = b.statements[0]
    b.statements.push([bytes, key, definition, index + 1, path])
    b.rows.push([1, ...b.rows[0].slice(1)])
  })
  form('no rows', one, (b) => {
    b.rows = []
  })
  form('statements not sorted', two, (b) => {
    b.statements.reverse()
    b.rows = b.rows.reverse().map(([s, ...rest]) => [1 - s, ...rest])
  })
  form('rows not sorted', parts({ 3: [1, 2] }), (b) => void b.rows.reverse())
  form('rows of statements not sorted', two, (b) => void b.rows.reverse())
  form('a row twice', one, (b) => void b.rows.push(b.rows[0]))
  form('key index beyond the keys', one, (b) => {
    b.statements[0][1] = 1
  })
  form('definition index beyond the definitions', one, (b) => {
    b.statements[0][2] = 1
  })
  form('statement index beyond the statements', one, (b) => {
    b.rows[0][0] = 1
  })
  form('row index 0', one, (b) => {
    b.rows[0][1] = 0
  })
  form('row index equal to the leaf count', one, (b) => {
    b.rows[0][1] = 6
  })
  form('log index 0', one, (b) => {
    b.statements[0][3] = 0
  })
  form('log index equal to the size', one, (b) => {
    b.statements[0][3] = SIZE
  })
  form('row path one node short', one, (b) => void b.rows[0][3].pop())
  form('row path with a node more', one, (b) => void b.rows[0][3].push(new Uint8Array(32)))
  form('log path one node short', one, (b) => void b.statements[0][4].shift())
  form('log path with a node more', one, (b) => void b.statements[0][4].push(new Uint8Array(32)))
  form('empty log path', one, (b) => {
    b.statements[0][4] = []
  })
  form('node of 31 bytes', one, (b) => {
    b.rows[0][3][0] = new Uint8Array(31)
  })
  form('chain without namespace', one, (b) => {
    b.anchor[0] = '31337'
  })
  form('anchor without transaction', one, (b) => void b.anchor.pop())
  form('log size of null', one, (b) => {
    b.anchor[2] = null
  })
  reject(
    'key that is no key',
    'key-invalid',
    changed(one, (b) => {
      b.keys[0] = flip(b.keys[0], 8 * 74)
    }),
  )
  reject(
    'definition that is none',
    'definition-invalid',
    changed(one, (b) => {
      b.definitions[0] = cbor([2, 's', [], new Map()])
    }),
  )
  reject(
    'genesis given as a statement',
    'statement-invalid',
    changed(one, (b) => {
      b.statements[0][0] = ENTRIES[0]
    }),
  )
  reject(
    'definition given as a row',
    'row-invalid',
    changed(one, (b) => {
      b.rows[0][2] = weatherBytes
    }),
  )
  reject(
    'row of another stream',
    'row-invalid',
    changed(one, (b) => {
      b.rows[0][2] = two.rows[1][2]
    }),
  )
  failing(
    'key of another machine',
    'keys',
    changed(one, (b) => {
      b.keys[0] = stranger.key
    }),
  )
  const [header, , root, signature] = uncbor(ENTRIES[1].slice(1))
  const forged = (bytes) =>
    changed(one, (b) => {
      b.statements[0][0] = bytes
    })
  failing('a bit of the signature changed', 'signatures', forged(cose(header, new Map(), root, flip(signature, 500))))
  failing('signed root changed', 'signatures', forged(cose(header, new Map(), flip(root), signature)))
  failing(
    'definition with another unit',
    'definitions',
    changed(one, (b) => {
      b.definitions[0] = unhex(hex(weatherBytes).replace('6343656c', '634b656c'))
    }),
  )
  const other = (t, a, b) => encodeRow(saltOf(BATCHES[1].seed, 2), [t, a, b])
  const [time, temperature, humidity] = BATCHES[1].rows[1]
  failing(
    'row value changed',
    'rows',
    changed(one, (b) => {
      b.rows[0][2] = other(time, temperature + 1, humidity)
    }),
  )
  failing(
    'row time changed',
    'rows',
    changed(one, (b) => {
      b.rows[0][2] = other(time + 1, temperature, humidity)
    }),
  )
  failing(
    'row of another index of the same depth',
    'rows',
    changed(one, (b) => {
      b.rows[0][1] = 3
    }),
  )
  failing(
    'node of the row path changed',
    'rows',
    changed(one, (b) => {
      b.rows[0][3][1] = flip(b.rows[0][3][1])
    }),
  )
  failing(
    'rows of two statements exchanged',
    'rows',
    changed(parts({ 1: [1], 4: [1] }), (b) => {
      ;[b.rows[0][2], b.rows[1][2]] = [b.rows[1][2], b.rows[0][2]]
    }),
  )
  failing(
    'two statements lead to different log roots',
    'log',
    changed(two, (b) => {
      b.statements[1][4][0] = flip(b.statements[1][4][0])
    }),
  )
  failing(
    'node of the only log path changed',
    'event',
    changed(one, (b) => {
      b.statements[0][4][0] = flip(b.statements[0][4][0])
    }),
  )
  failing(
    'another log index of the same depth',
    'event',
    changed(one, (b) => {
      b.statements[0][3] = 2
    }),
  )
  failing(
    'another chain',
    'chain',
    changed(one, (b) => {
      b.anchor[0] = 'eip155:1'
    }),
  )
  failing(
    'another log id',
    'home',
    changed(one, (b) => {
      b.anchor[1] = labelled('other log')
    }),
  )
  failing(
    'another size of the same path length',
    'event',
    changed(one, (b) => {
      b.anchor[2] = 6
    }),
  )
  failing(
    'another block',
    'event',
    changed(one, (b) => {
      b.anchor[3] += 1
    }),
  )
  failing(
    'another block hash',
    'event',
    changed(one, (b) => {
      b.anchor[4] = labelled('block 1301')
    }),
  )
  failing(
    'another transaction',
    'event',
    changed(one, (b) => {
      b.anchor[5] = labelled('other transaction')
    }),
  )
}
