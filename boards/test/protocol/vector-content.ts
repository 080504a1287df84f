/** Messages in the form of the vectors: names and numbers of the page. */
import { toHex } from '@fieldproof/sdk/base'
import {
  decodeFirmata,
  decodeOneWireReply,
  REFUSALS,
  RESET_CAUSES,
  type Reply,
  type Request,
  VALVE_STATES,
} from '../../src/protocol/index.ts'

type Content = Readonly<Record<string, unknown>>

export function contentOfRequest({ kind, ...values }: Request): Content {
  return { request: kind === 'set-interval' ? 'report-counters' : kind, ...values }
}

export function contentOfReply(reply: Reply): Content {
  const { kind, number, boardMs, ...values } = reply
  return { reply: kind, number, boardMs, ...(bodyOf(reply) ?? values) }
}

/** What is not named or counted as on the page. */
function bodyOf(reply: Reply): Content | undefined {
  switch (reply.kind) {
    case 'identity': {
      const resetCause = reply.resetCauses.reduce((sum, cause) => sum + (1 << RESET_CAUSES.indexOf(cause)), 0)
      return { protocol: 1, buildId: toHex(reply.buildId), boots: reply.boots, resetCause }
    }
    case 'valve':
      return { level: reply.isHigh ? 1 : 0, leftMs: reply.remainingMs, state: VALVE_STATES.indexOf(reply.state) }
    case 'error':
      return { sysex: reply.sysex, detail: reply.detail, code: 1 + REFUSALS.indexOf(reply.refusal) }
    default:
      return undefined
  }
}

/** @throws FieldproofError `board-message-invalid` */
export function contentOfReport(bytes: Uint8Array): Content {
  if (bytes[1] === 0x73) return contentOfOneWire(bytes)
  const report = decodeFirmata(bytes)
  if (report.kind === 'i2c') {
    const { address, register, data } = report
    return { report: 'i2c', address, register, data: toHex(data) }
  }
  const { kind, ...values } = report
  return { report: kind, ...values }
}

function contentOfOneWire(bytes: Uint8Array): Content {
  const reply = decodeOneWireReply(bytes)
  const { pin } = reply
  if (reply.kind === 'found') return { report: '1-wire-search', pin, addresses: reply.addresses.map(toHex) }
  const id = Uint8Array.of(reply.correlationId & 0xff, reply.correlationId >> 8)
  return { report: '1-wire-read', pin, correlation: toHex(id), data: toHex(reply.data) }
}
