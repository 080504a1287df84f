/** messages.json: topics and the small messages around a batch, read and written again. */
import { toHex } from '../../../src/base/index.ts'
import { decodeStatement } from '../../../src/crypto/index.ts'
import {
  decodeBeacon,
  decodeBirth,
  decodeReceiptMessage,
  decodeStatus,
  encodeBeacon,
  encodeBirth,
  encodeReceiptMessage,
  encodeStatus,
  parseTopic,
  type ReceiptMessage,
  topicOf,
} from '../../../src/wire/index.ts'
import { bytesOf, type Outputs, type Runner, textOf } from '../runner.ts'

/** Runs messages.json. */
export const messagesRunner: Runner = {
  readers: {
    topic: {
      given: [],
      read: ({ topic }) => {
        const { machine, name } = parseTopic(textOf(topic))
        return { machine, topicKind: name, topic: topicOf(machine, name) }
      },
    },
    birth: {
      given: [],
      read: ({ bytes }) => {
        const birth = decodeBirth(bytesOf(bytes))
        return {
          key: toHex(birth.key),
          definitions: birth.definitions.map(toHex),
          software: birth.software,
          bytes: toHex(encodeBirth(birth)),
        }
      },
    },
    status: {
      given: [],
      read: ({ bytes }) => {
        const status = decodeStatus(bytesOf(bytes))
        return { online: status.online, boot: toHex(status.boot), bytes: toHex(encodeStatus(status)) }
      },
    },
    beacon: {
      given: [],
      read: ({ bytes }) => {
        const beacon = decodeBeacon(bytesOf(bytes))
        return { ...beacon, blockHash: toHex(beacon.blockHash), bytes: toHex(encodeBeacon(beacon)) }
      },
    },
    receipt: {
      given: [],
      read: ({ bytes }) => {
        const message = decodeReceiptMessage(bytesOf(bytes))
        return { type: message.kind, bytes: toHex(encodeReceiptMessage(message)), ...fieldsOf(message) }
      },
    },
    head: {
      given: ['bytes'],
      read: ({ bytes }, { hash }) => ({ statementId: toHex(decodeStatement(bytesOf(bytes), hash).id) }),
    },
  },
}

function fieldsOf(message: ReceiptMessage): Outputs {
  if (message.kind === 'refused') {
    const { number, code, detail } = message
    return { digest: toHex(message.message), number, code, detail }
  }
  const logged = { digest: toHex(message.id), receipt: toHex(message.receipt) }
  if (message.kind === 'logged') return logged
  const { anchor, signature } = message
  return {
    ...logged,
    anchor: {
      ...anchor,
      registry: toHex(anchor.registry),
      logId: toHex(anchor.logId),
      blockHash: toHex(anchor.blockHash),
      txHash: toHex(anchor.txHash),
    },
    signature: toHex(signature),
  }
}
