/** sealed.json: sealed batches, made and opened. */

import { fields, station, weather, weatherBytes, weatherRows } from '../fixtures.mjs'
import { readBatch } from '../format/batch.mjs'
import { flip, hex, labelled, sha256, unhex } from '../format/bytes.mjs'
import { cbor, uncbor } from '../format/cbor.mjs'
import { encodeColumns } from '../format/columns.mjs'
import { boxKey, openSealed, sealBody, sealedBatch, x25519Public } from '../format/sealed.mjs'
import { readStatement, signStatement } from '../format/statement.mjs'
import { suite, toJson } from '../suite.mjs'

const batchKey = labelled('batch key')
const secrets = ['buyer', 'owner', 'nobody'].map((label) => labelled(`${label} x25519`))
const [buyer, owner, nobody] = secrets
const recipient = (secret, label) => ({
  publicKey: x25519Public(secret),
  ephemeralSecret: labelled(`${label} ephemeral`),
})

function read({ message, recipientSecret }) {
  const sealed = readBatch(unhex(message), { keys: [station.key], definitions: [weatherBytes] })
  const { batchKey, rows } = openSealed(sealed, weatherBytes, unhex(recipientSecret))
  return { batchKey: hex(batchKey), rows: toJson(rows) }
}

export function sealedCases() {
  const cases = suite({
    description:
      'Sealed batch messages [statement, null, [body, boxes]] opened with the X25519 secret of a recipient. A boxes entry is [recipient, ephemeral public key, box]; its ephemeral secret is given to repeat it. error: of the gateway (malformed, sealed-mismatch) or of the one who opens.',
    spec: 'schemas/spec/02-batch.md',
    rules: ['BATCH-31', 'BATCH-32', 'BATCH-33', 'BATCH-34', 'BATCH-40'],
    read,
    key: hex(station.key),
    definition: hex(weatherBytes),
  })
  const build = (rows, recipients) =>
    sealedBatch({ definition: weatherBytes, batchKey, rows, recipients, fields: fields(), signer: station })
  const accept = (name, secret, rows, recipients) => {
    const made = build(rows, recipients)
    cases.accept(name, {
      recipientSecret: hex(secret),
      ephemeralSecrets: recipients.map((r) => hex(r.ephemeralSecret)),
      batchKey: hex(batchKey),
      seed: hex(made.seed),
      rows: toJson(rows),
      columnBytes: hex(cbor(made.columns)),
      body: hex(made.body),
      sealed: hex(made.digest),
      boxes: made.boxes.map((box) => box.map(hex)),
      root: hex(made.root),
      statement: hex(made.statement.bytes),
      statementId: hex(made.statement.id),
      message: hex(made.message),
    })
  }
  const forBuyer = recipient(buyer, 'buyer')
  const forOwner = recipient(owner, 'owner')
  accept('one recipient', buyer, weatherRows, [forBuyer])
  accept('first of two recipients', buyer, weatherRows.slice(0, 2), [forBuyer, forOwner])
  accept('second of two recipients', owner, weatherRows.slice(0, 2), [forBuyer, forOwner])

  const good = build(weatherRows, [forBuyer])
  const [statement] = uncbor(good.message)
  const reject = (name, error, message, secret = buyer) =>
    cases.reject(name, error, { recipientSecret: hex(secret), message: hex(message) })
  const send = (body, boxes, bytes = statement) => cbor([bytes, null, [body, boxes]])
  const resigned = (sealed) => signStatement({ ...readStatement(statement), sealed }, good.root, station).bytes
  const otherRows = sealBody(
    batchKey,
    encodeColumns(
      weatherRows.map(([t, a, b]) => [t, a === null ? null : a + 1, b]),
      weather.columns,
    ),
  )
  const box = good.boxes[0]
  reject('a bit of the body changed', 'sealed-mismatch', send(flip(good.body, 200), good.boxes))
  reject('body of another batch', 'sealed-mismatch', send(otherRows, good.boxes))
  reject('open statement sent sealed', 'sealed-mismatch', send(good.body, good.boxes, resigned(null)))
  reject('sealed statement sent open', 'sealed-mismatch', cbor([statement, good.seed, good.columns]))
  reject('no recipients', 'malformed', send(good.body, []))
  reject('box of 47 bytes', 'malformed', send(good.body, [[box[0], box[1], box[2].slice(1)]]))
  reject('box without its ephemeral key', 'malformed', send(good.body, [[box[0], box[2]]]))
  reject('body left out', 'malformed', cbor([statement, null, [good.boxes]]))
  reject('a bit of the box changed', 'sealed-open-failed', send(good.body, [[box[0], box[1], flip(box[2], 300)]]))
  reject('another ephemeral key', 'sealed-open-failed', send(good.body, [[box[0], x25519Public(nobody), box[2]]]))
  reject(
    'box of another key',
    'sealed-open-failed',
    send(good.body, [boxKey(labelled('wrong key'), box[0], labelled('e'))]),
  )
  reject('not a recipient', 'sealed-open-failed', good.message, nobody)
  const lying = resigned(sha256(otherRows))
  reject('signed body holds other rows than the root', 'root-mismatch', send(otherRows, good.boxes, lying))
  const short = sealBody(
    batchKey,
    good.columns.map((column, i) => (i === 0 ? column : column.slice(1))),
  )
  reject('signed body holds a row less', 'count-mismatch', send(short, good.boxes, resigned(sha256(short))))
  const text = sealBody(batchKey, ['rows'])
  reject('signed body that is not columns', 'malformed', send(text, good.boxes, resigned(sha256(text))))
  return cases.file()
}
