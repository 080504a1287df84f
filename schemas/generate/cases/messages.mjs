/** messages.json: topics, birth, status, beacon, receipt topic, head. */

import { buoy, CAIP2, eventsBytes, REGISTRY, STATION, station, weatherBytes } from '../fixtures.mjs'
import { hex, labelled, sha256, unhex } from '../format/bytes.mjs'
import { cbor } from '../format/cbor.mjs'
import { inclusionPath } from '../format/merkle.mjs'
import { readBeacon, readBirth, readReceiptMessage, readStatus, readTopic } from '../format/messages.mjs'
import { anchorWord, signReceipt } from '../format/receipt.mjs'
import { readStatement } from '../format/statement.mjs'
import { suite } from '../suite.mjs'
import { BATCHES, LEAVES, LOG, LOG_ID, ROOT, SIZE } from '../world.mjs'

const hexed = (object) =>
  Object.fromEntries(
    Object.entries(object).map(([key, value]) => {
      if (value instanceof Uint8Array) return [key, hex(value)]
      if (Array.isArray(value)) return [key, value.map(hex)]
      return [key, value !== null && typeof value === 'object' ? hexed(value) : value]
    }),
  )

const READERS = {
  topic: ({ topic }) => {
    const { machine, kind } = readTopic(topic)
    return { machine, topicKind: kind }
  },
  birth: ({ bytes }) => hexed(readBirth(unhex(bytes))),
  status: ({ bytes }) => hexed(readStatus(unhex(bytes))),
  beacon: ({ bytes }) => hexed(readBeacon(unhex(bytes))),
  receipt: ({ bytes }) => hexed(readReceiptMessage(unhex(bytes))),
  head: ({ bytes }) => ({ statementId: hex(readStatement(unhex(bytes)).id) }),
}

export function messagesCases() {
  const cases = suite({
    description: 'kind names the topic: birth, status, beacon, receipt, head; kind topic: topic names themselves.',
    spec: 'schemas/spec/01-wire.md',
    rules: ['WIRE-1', 'WIRE-3', 'WIRE-5', 'RCPT-2', 'RCPT-3', 'RCPT-4'],
    read: (item) => READERS[item.kind](item),
  })
  const accept = (name, kind, item) => {
    const fields =
      typeof item === 'string'
        ? { kind, topic: item }
        : { kind, bytes: hex(item instanceof Uint8Array ? item : cbor(item)) }
    cases.accept(name, fields, READERS[kind](fields))
  }
  const reject = (name, kind, item, error = 'message-invalid') => {
    if (typeof item === 'string') cases.reject(name, 'topic-invalid', { kind, topic: item })
    else cases.reject(name, error, { kind, bytes: hex(item instanceof Uint8Array ? item : cbor(item)) })
  }
  const boot = labelled('boot', 8)
  const id = BATCHES[1].statement.id
  const receipt = signReceipt({ log: LOG, size: SIZE, index: 1, path: inclusionPath(1, LEAVES), root: ROOT }).bytes
  const anchor = [CAIP2, REGISTRY, LOG_ID, 1300, labelled('block 1300'), labelled('transaction')]
  const signature = LOG.sign(anchorWord({ origin: LOG.origin, size: SIZE, root: ROOT, anchor }))

  for (const kind of ['birth', 'status', 'batch', 'receipt', 'head', 'beacon'])
    accept(`topic of ${kind}`, 'topic', `fp/1/${STATION}/${kind}`)
  reject('topic of another version', 'topic', `fp/2/${STATION}/batch`)
  reject('topic of another tree', 'topic', `fieldproof/1/${STATION}/batch`)
  reject('topic of an unknown kind', 'topic', `fp/1/${STATION}/rows`)
  reject('topic with a level more', 'topic', `fp/1/${STATION}/batch/1`)
  reject('topic with a level less', 'topic', `fp/1/${STATION}`)
  reject('topic with a slash before', 'topic', `/fp/1/${STATION}/batch`)
  reject('topic of a machine id in capitals', 'topic', `fp/1/${STATION.toUpperCase()}/batch`)
  reject('topic of a machine id cut short', 'topic', `fp/1/${STATION.slice(1)}/batch`)
  reject('topic with a wildcard', 'topic', 'fp/1/+/batch')

  accept('birth with one stream', 'birth', [1, station.key, [weatherBytes], 'station 1.4.0'])
  accept('birth with two streams', 'birth', [1, buoy.key, [weatherBytes, eventsBytes], ''])
  reject('birth of version 2', 'birth', [2, station.key, [weatherBytes], 's'])
  reject('birth without streams', 'birth', [1, station.key, [], 's'])
  reject('birth with a definition that is not bytes', 'birth', [1, station.key, ['weather'], 's'])
  reject('birth without software', 'birth', [1, station.key, [weatherBytes]])
  reject('birth whose software is null', 'birth', [1, station.key, [weatherBytes], null])
  reject('birth as a map', 'birth', new Map([[1, station.key]]))

  accept('status online', 'status', [1, 1, boot])
  accept('status offline', 'status', [1, 0, boot])
  reject('status 2', 'status', [1, 2, boot])
  reject('status as a boolean', 'status', [1, true, boot])
  reject('status with a boot of 7 bytes', 'status', [1, 1, boot.slice(1)])
  reject('status of version 2', 'status', [2, 1, boot])
  reject('status with an item more', 'status', [1, 1, boot, null])

  accept('beacon', 'beacon', [31337, 1204, labelled('block 1204')])
  reject('beacon with a hash of 31 bytes', 'beacon', [31337, 1204, new Uint8Array(31)])
  reject('beacon with a chain name', 'beacon', [CAIP2, 1204, labelled('block 1204')])
  reject('beacon with a block below zero', 'beacon', [31337, -1, labelled('block 1204')])
  reject('beacon of null', 'beacon', null)

  accept('logged', 'receipt', [1, id, receipt])
  accept('anchored', 'receipt', [2, id, receipt, anchor, signature])
  accept('refused', 'receipt', [3, sha256(BATCHES[1].message), 7, 'root-mismatch', 'recomputed root differs'])
  accept('refused with a code of a later version', 'receipt', [3, sha256(BATCHES[1].message), 99, 'something-new', ''])
  reject('receipt message of kind 4', 'receipt', [4, id, receipt])
  reject('logged with an anchor', 'receipt', [1, id, receipt, anchor])
  reject('anchored without an anchor', 'receipt', [2, id, receipt])
  reject('anchored without a signature', 'receipt', [2, id, receipt, anchor])
  reject('anchored with a signature of 63 bytes', 'receipt', [2, id, receipt, anchor, signature.slice(1)])
  reject('anchored with a signature of null', 'receipt', [2, id, receipt, anchor, null])
  reject('anchored with an item more', 'receipt', [2, id, receipt, anchor, signature, null])
  reject('statement id of 31 bytes', 'receipt', [1, id.slice(1), receipt])
  reject('logged with a null receipt', 'receipt', [1, id, null])
  const bad = (name, index, value) =>
    reject(`anchored: ${name}`, 'receipt', [2, id, receipt, anchor.with(index, value), signature])
  bad('chain without namespace', 0, '31337')
  bad('registry of 19 bytes', 1, REGISTRY.slice(1))
  bad('log id of 31 bytes', 2, LOG_ID.slice(1))
  bad('block number of null', 3, null)
  bad('transaction hash in text', 5, hex(labelled('transaction')))
  reject('refusal without detail', 'receipt', [3, id, 7, 'root-mismatch'])
  reject('refusal whose code is text', 'receipt', [3, id, '7', 'root-mismatch', ''])
  reject('a byte after the message', 'receipt', Uint8Array.of(...cbor([1, id, receipt]), 0), 'malformed')
  reject('long head', 'status', unhex(`83180101 48${hex(boot)}`.replace(' ', '')), 'not-deterministic')

  accept('head', 'head', BATCHES[1].statement.bytes)
  reject('head wrapped in bytes', 'head', cbor(BATCHES[1].statement.bytes), 'statement-invalid')
  return cases.file()
}
