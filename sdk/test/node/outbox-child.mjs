/**
 * Appends numbered rows and seals every ten of them until it is killed, or until it has appended as many as argv[3] says.
 * Prints what it was told is durable. From dist, because it runs without a test runner.
 */
import { createHash } from 'node:crypto'
import { openLibsqlOutbox } from '../../dist/node/libsql-outbox.js'

const sha256 = (data) => new Uint8Array(createHash('sha256').update(data).digest())
const utf8 = (text) => new TextEncoder().encode(text)
const stream = 'a1'
const limit = Number(process.argv[3] ?? Number.POSITIVE_INFINITY)

const outbox = await openLibsqlOutbox(process.argv[2])
await outbox.putStream(stream, utf8('definition'))
let batches = 0
for (let rows = 1; rows <= limit; rows++) {
  await outbox.appendRows(stream, [utf8(String(rows))])
  if (rows % 10 === 0) {
    const pending = await outbox.pendingRows(stream, 100)
    const message = utf8(`rows up to ${rows}`)
    const sequence = batches + 1
    const id = sha256(utf8(`statement ${sequence}`))
    const batch = { sequence, id, stream, rowCount: pending.length, digest: sha256(message), message }
    await outbox.sealBatch(batch, pending.at(-1).key)
    batches = sequence
  }
  // Written at once: a line that waits in a buffer would say less than was acknowledged, which proves less.
  process.stdout.write(`${JSON.stringify({ rows, batches })}\n`)
  await new Promise((resolve) => setImmediate(resolve))
}
