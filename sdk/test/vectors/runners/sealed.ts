/** sealed.json: sealed batches, checked as a gateway does, opened, and sealed again with the same secrets. */
import nacl from 'tweetnacl'
import { equalBytes, FieldproofError, toHex } from '../../../src/base/index.ts'
import { openBody, openKey, sealBody, sealedSeed, sealKey } from '../../../src/crypto/index.ts'
import { columnsOf, decodeCbor, encodeBatch, encodeCbor, MESSAGE_LIMITS } from '../../../src/wire/index.ts'
import { allBytesOf, bytesOf, type Runner } from '../runner.ts'
import { checkMessage, checkRows, malformedIfForm } from './batch-message.ts'
import { rowJson } from './json.ts'

/** Runs sealed.json. */
export const sealedRunner: Runner = {
  readers: {
    '': {
      given: ['recipientSecret', 'ephemeralSecrets'],
      read: async (item, context) => {
        const { file, hash } = context
        const known = { keys: [bytesOf(file['key'])], definitions: [bytesOf(file['definition'])] }
        const checked = await checkMessage(bytesOf(item['message']), known, context)
        const { batch, signed, definition } = checked
        if (batch.kind === 'open') throw new FieldproofError('sealed-mismatch', 'want a sealed batch')
        const secret = bytesOf(item['recipientSecret'])
        const recipient = nacl.box.keyPair.fromSecretKey(secret).publicKey
        const own = batch.boxes.find((box) => equalBytes(box.recipient, recipient))
        if (own === undefined) throw new FieldproofError('sealed-open-failed', 'not a recipient')
        const key = openKey(own, secret)
        const seed = sealedSeed(key, hash)
        const opened = openBody(batch.body, key)
        const columns = malformedIfForm(() => decodeCbor(opened, MESSAGE_LIMITS))
        const rows = checkRows(checked, seed, columns, context)

        const columnBytes = encodeCbor(columnsOf(rows, definition))
        const body = sealBody(columnBytes, key)
        const ephemerals = item.valid ? allBytesOf(item['ephemeralSecrets']) : []
        const boxes = ephemerals.map((ephemeral, i) => sealKey(key, batch.boxes[i]!.recipient, ephemeral))
        return {
          batchKey: toHex(key),
          seed: toHex(seed),
          rows: rows.map(rowJson),
          columnBytes: toHex(columnBytes),
          body: toHex(body),
          sealed: toHex(hash.sha256(body)),
          boxes: boxes.map((box) => [box.recipient, box.ephemeral, box.box].map(toHex)),
          root: toHex(signed.statement.root),
          statement: toHex(batch.statement),
          statementId: toHex(signed.id),
          message: toHex(encodeBatch({ ...batch, body, boxes })),
        }
      },
    },
  },
}
