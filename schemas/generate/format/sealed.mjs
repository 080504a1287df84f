/** Sealed batches: rows only recipients can read (spec 02-batch). */
import nacl from 'tweetnacl'
import { batchFields, batchRoot, openRows } from './batch.mjs'
import { concat, must, sameBytes, sha256, utf8 } from './bytes.mjs'
import { cbor, uncbor } from './cbor.mjs'
import { encodeColumns } from './columns.mjs'
import { readDefinition } from './definition.mjs'
import { signStatement } from './statement.mjs'

const NONCE = new Uint8Array(24)
export const seedOf = (batchKey) => sha256(utf8('fp-seed'), batchKey)
export const x25519Public = (secret) => nacl.box.keyPair.fromSecretKey(secret).publicKey
export const sealBody = (batchKey, columns) => nacl.secretbox(cbor(columns), NONCE, batchKey)
export const boxKey = (batchKey, recipient, ephemeralSecret) => [
  recipient,
  x25519Public(ephemeralSecret),
  nacl.box(batchKey, NONCE, recipient, ephemeralSecret),
]

/** A whole sealed batch. `recipients`: [{publicKey, ephemeralSecret}]. */
export function sealedBatch({ definition, batchKey, rows, recipients, fields, signer }) {
  const seed = seedOf(batchKey)
  const columns = encodeColumns(rows, readDefinition(definition).columns)
  const body = sealBody(batchKey, columns)
  const boxes = recipients.map(({ publicKey, ephemeralSecret }) => boxKey(batchKey, publicKey, ephemeralSecret))
  const digest = sha256(body)
  const batch = batchRoot(definition, seed, rows)
  const statement = signStatement({ ...fields, ...batchFields(definition, rows), sealed: digest }, batch, signer)
  const message = cbor([statement.bytes, null, [body, boxes]])
  return { seed, columns, body, digest, boxes, root: batch, statement, message }
}

/** What a recipient does with a message that readBatch accepted. @throws Refused sealed-open-failed, root-mismatch, … */
export function openSealed({ statement, body, boxes }, definition, recipientSecret) {
  const own = x25519Public(recipientSecret)
  const box = boxes.find(([recipient]) => sameBytes(recipient, own))
  must(box, 'sealed-open-failed', 'not a recipient')
  const batchKey = nacl.box.open(box[2], NONCE, box[1], recipientSecret)
  must(batchKey, 'sealed-open-failed', 'box')
  const plain = nacl.secretbox.open(concat(body), NONCE, batchKey)
  must(plain, 'sealed-open-failed', 'body')
  return { batchKey, rows: openRows(statement, definition, seedOf(batchKey), uncbor(plain, 'sealed body')) }
}
