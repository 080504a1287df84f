/**
 * The machines of the ingest bench, in a process of their own: raw MQTT 3.1.1 connections that publish batches signed before the
 * clock starts, a few at a time, and answer the receipts they get. Bare sockets, because an MQTT library would cost
 * the two cores more than the gateway does.
 */
import { connect } from 'node:net'
import { machineIdOf } from '@fieldproof/sdk/base'
import { encodeCoseKey, thumbprint } from '@fieldproof/sdk/crypto'
import { nativeHash } from '@fieldproof/sdk/native'
import { encodeBirth, topicOf } from '@fieldproof/sdk/wire'
import { benchSigner, DEFINITION_BYTES, referenceBatch } from '../../scripts/bench/reference-batch.mjs'

/** Batches of one machine that are not acknowledged yet, at most. */
const WINDOW = 8

const [alg, machines, batches, warmUp] = process.argv.slice(2).map(Number)
const fleet = await Promise.all(Array.from({ length: machines }, (_, i) => makeMachine(i)))
process.on('message', async ({ port }) => process.send(await run(port)))
process.send('ready')

async function makeMachine(number) {
  const signer = benchSigner(alg, number)
  const machine = machineIdOf(thumbprint(signer, nativeHash))
  const birth = encodeBirth({ key: encodeCoseKey(signer), definitions: [DEFINITION_BYTES], software: 'bench' })
  const packets = []
  let head = null
  for (let sequence = 1; sequence <= (warmUp + batches) / machines; sequence++) {
    const signed = await referenceBatch(signer, number * 1_000_000 + sequence, head)
    head = { sequence, id: signed.id }
    packets.push(publish(topicOf(machine, 'batch'), signed.message, 1 + (sequence % 65_000)))
  }
  return { machine, birth: publish(topicOf(machine, 'birth'), birth, 65_500), packets }
}

/** Sends everything once. Returns the accepted batches a second, and how many receipts came. */
async function run(port) {
  const links = await Promise.all(fleet.map((machine) => link(port, machine)))
  await Promise.all(links.map(({ send }) => send(0, warmUp / machines)))
  const start = performance.now()
  await Promise.all(links.map(({ send, total }) => send(warmUp / machines, total)))
  const seconds = (performance.now() - start) / 1000
  for (const { close } of links) close()
  return { perSecond: batches / seconds, refused: links.reduce((sum, { refused }) => sum + refused(), 0) }
}

/** A connected machine that has been born and listens to its receipts. */
async function link(port, { machine, birth, packets }) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  let acknowledged = () => undefined
  let refused = 0
  const take = (type, body) => {
    if (type === 3) {
      const topicBytes = body.readUInt16BE(0)
      if (body[2 + topicBytes + 2 + 1] === 3) refused++ // [3, ...]: a refusal
      socket.write(Uint8Array.of(0x40, 2, body[2 + topicBytes], body[3 + topicBytes]))
    } else if (type === 2 || type === 4 || type === 9) acknowledged()
  }
  const answered = () =>
    new Promise((resolve) => {
      acknowledged = resolve
    })
  socket.on('data', packetReader(take))
  socket.on('error', (error) => {
    throw error
  })
  for (const packet of [connectPacket(machine), subscribe(topicOf(machine, 'receipt')), birth]) {
    const done = answered()
    socket.write(packet)
    await done
  }
  const send = (from, to) =>
    new Promise((resolve) => {
      let next = from
      let open = 0
      const fill = () => {
        const first = next
        while (open < WINDOW && next < to) {
          open++
          next++
        }
        if (next > first) socket.write(next - first === 1 ? packets[first] : Buffer.concat(packets.slice(first, next)))
        if (open === 0) resolve()
      }
      acknowledged = () => {
        open--
        if (open === WINDOW / 2 || open === 0) fill()
      }
      fill()
    })
  return { send, total: packets.length, refused: () => refused, close: () => socket.destroy() }
}

/** Splits a stream of bytes into packets. */
function packetReader(take) {
  let rest = Buffer.alloc(0)
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    for (;;) {
      let length = 0
      let at = 1
      for (let shift = 0; at < rest.length; shift += 7) {
        const byte = rest[at++]
        length |= (byte & 127) << shift
        if (byte < 128) break
      }
      if (rest.length < 2 || rest[at - 1] >= 128 || rest.length < at + length) return
      take(rest[0] >> 4, rest.subarray(at, at + length))
      rest = rest.subarray(at + length)
    }
  }
}

function connectPacket(machine) {
  // Clean session, user name (the machine's id), keep-alive 60 s.
  return packet(0x10, [string('MQTT'), Uint8Array.of(4, 0x82, 0, 60), string(machine), string(machine)])
}

function subscribe(topic) {
  return packet(0x82, [Uint8Array.of(0, 1), string(topic), Uint8Array.of(1)])
}

function publish(topic, payload, id) {
  return packet(0x32, [string(topic), Uint8Array.of(id >> 8, id & 255), payload])
}

function packet(head, parts) {
  const body = Buffer.concat(parts)
  const length = []
  for (let left = body.length; ; left >>= 7) {
    length.push(left > 127 ? (left & 127) | 128 : left)
    if (left <= 127) break
  }
  return Buffer.concat([Uint8Array.of(head, ...length), body])
}

function string(text) {
  return Buffer.concat([Uint8Array.of(text.length >> 8, text.length & 255), Buffer.from(text)])
}
