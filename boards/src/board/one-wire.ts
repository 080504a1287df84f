/** 1-Wire over Firmata's OneWire messages (schemas/spec/08-board.md, 1-Wire). Its devices check their own bytes; drivers look at that. */
import { FieldproofError } from '@fieldproof/sdk/base'
import {
  crc8Maxim,
  decodeOneWireReply,
  encodeOneWireRequest,
  encodePinMode,
  FIRMATA,
  type OneWireReply,
  type OneWireRequest,
} from '../protocol/index.ts'
import { isSilence, sensorSilent } from './failures.ts'
import type { FeatureWire } from './feature.ts'
import type { Incoming } from './question.ts'

/** A search takes about 14 ms a device, a transfer about 1 ms a byte. */
const BUS_MS = 500

/** What is written to whom, and how many bytes are read then. */
export interface OneWireTransfer {
  /** 8 bytes, or null when the device is alone on its pin. */
  readonly rom: Uint8Array | null
  readonly bytes: Uint8Array
  readonly length: number
}

/** ROM codes of all devices on a pin. @throws FieldproofError `sensor-silent` when there is none, `sensor-invalid` for a wrong check digit */
export async function oneWireSearch(feature: FeatureWire, pin: number): Promise<readonly Uint8Array[]> {
  const { addresses } = await ask(feature, { kind: 'search', pin }, isFound)
  if (addresses.length > 0 && addresses.every((rom) => crc8Maxim(rom) === 0)) return addresses
  throw new FieldproofError('sensor-invalid', `an address on the 1-Wire pin ${pin} has a wrong check digit`, {
    facts: { pin },
  })
}

/** Reset, select, write, read. @throws FieldproofError `sensor-silent` when nobody answers the reset */
export async function oneWireTransfer(
  feature: FeatureWire,
  pin: number,
  { rom, bytes, length }: OneWireTransfer,
): Promise<Uint8Array> {
  // At least one byte is read: only an answer says that the request was done, because the board does it when it comes to it.
  const read = Math.max(1, length)
  const correlationId = nextCorrelationId()
  const request: OneWireRequest = {
    kind: 'steps',
    pin,
    reset: true,
    select: rom ?? 'all',
    write: bytes,
    read,
    correlationId,
    delayMs: 0,
  }
  const isAnswer = (reply: OneWireReply) => (isRead(reply) && reply.correlationId === correlationId ? reply : undefined)
  const { data } = await ask(feature, request, isAnswer)
  if (data.length === read) return data.subarray(0, length)
  throw new FieldproofError('sensor-invalid', `the 1-Wire pin ${pin} gave ${data.length} bytes instead of ${read}`, {
    facts: { pin },
  })
}

let correlationId = 0

/** Tells the answer of this request from a late one; which number it is does not matter. */
function nextCorrelationId(): number {
  correlationId = (correlationId % 0xffff) + 1
  return correlationId
}

type Found = Extract<OneWireReply, { readonly kind: 'found' }>
type Read = Extract<OneWireReply, { readonly kind: 'read' }>

function isFound(reply: OneWireReply): Found | undefined {
  return reply.kind === 'found' ? reply : undefined
}

function isRead(reply: OneWireReply): reply is Read {
  return reply.kind === 'read'
}

/** Mode and config go before every request: cheap, and a board that was reset in between has forgotten them. */
function ask<T>(
  { wire, waitMs }: FeatureWire,
  request: OneWireRequest,
  answer: (reply: OneWireReply) => T | undefined,
): Promise<T> {
  const { pin } = request
  return wire.ask({
    bytes: Uint8Array.from([
      ...encodePinMode(pin, 'one-wire'),
      ...encodeOneWireRequest({ kind: 'config', pin }),
      ...encodeOneWireRequest(request),
    ]),
    answer: (message) => {
      assertNoFault(message, pin)
      if (message.kind !== 'raw' || message.bytes[1] !== FIRMATA.oneWire) return undefined
      const reply = decodeOneWireReply(message.bytes)
      return reply.pin === pin ? answer(reply) : undefined
    },
    waitMs: waitMs + BUS_MS,
    silent: () => sensorSilent(`no answer on the 1-Wire pin ${pin}`, { pin }),
  })
}

function assertNoFault(message: Incoming, pin: number): void {
  if (message.kind !== 'error' || message.sysex !== FIRMATA.oneWire) return
  const { refusal } = message
  if (isSilence(refusal)) throw sensorSilent(`${refusal} on the 1-Wire pin ${pin}`, { pin })
  throw new FieldproofError('board-refused', `the board refused a 1-Wire request: ${refusal}`, {
    facts: { reason: refusal, pin },
  })
}
