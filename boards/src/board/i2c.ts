/**
 * I2C over Firmata. Firmata itself says nothing when a device does not acknowledge: our firmware answers with an error, StandardFirmata
 * with a text, and with no bytes or with the last ones again. Each is refused here.
 */
import { FieldproofError } from '@fieldproof/sdk/base'
import { encodeI2cRead, encodeI2cWrite, encodeRequest, FIRMATA } from '../protocol/index.ts'
import { isSilence, sensorSilent } from './failures.ts'
import type { Incoming } from './question.ts'
import type { Wire } from './wire.ts'

/** A wire, and whether the firmware on it answers every fault. */
export interface I2cWire {
  readonly wire: Wire
  readonly waitMs: number
  readonly isOurs: boolean
}

const STRING = 0x71

/** Bytes of a register. */
export function i2cRead(
  { wire, waitMs }: I2cWire,
  address: number,
  register: number,
  length: number,
): Promise<Uint8Array> {
  let said: string | null = null
  return wire.ask({
    bytes: encodeI2cRead(address, register, length),
    answer: (message) => {
      assertNoFault(message, address)
      said ??= complaintOf(message)
      if (message.kind !== 'i2c' || message.address !== address || message.register !== register) return undefined
      // StandardFirmata complains first and then answers all the same: only that answer ends the question.
      if (said !== null) throw sensorSilent(`${said} (I2C address ${hex(address)})`, { address })
      if (message.data.length === length) return message.data
      throw sensorSilent(`the device at ${hex(address)} gave ${message.data.length} bytes instead of ${length}`, {
        address,
      })
    },
    waitMs,
    silent: () => sensorSilent(`no answer from I2C address ${hex(address)}`, { address }),
  })
}

/** Writes. Where the firmware reports faults it is asked for a check behind the write, whose reply says that there was none. */
export async function i2cWrite({ wire, waitMs, isOurs }: I2cWire, address: number, bytes: Uint8Array): Promise<void> {
  const message = encodeI2cWrite(address, bytes)
  if (!isOurs) return wire.send(message)
  // The check is answered after the write has been carried out, and after its error if there was one.
  await wire.ask({
    bytes: Uint8Array.from([...message, ...encodeRequest({ kind: 'check' })]),
    answer: (reply) => {
      assertNoFault(reply, address)
      return reply.kind === 'check' || undefined
    },
    waitMs,
    silent: () => sensorSilent(`no answer to a write to I2C address ${hex(address)}`, { address }),
  })
}

function assertNoFault(message: Incoming, address: number): void {
  if (
    message.kind === 'error' &&
    message.sysex === FIRMATA.i2cRequest &&
    (message.detail === address || message.detail === 0)
  ) {
    const { refusal } = message
    if (isSilence(refusal)) throw sensorSilent(`${refusal} at I2C address ${hex(address)}`, { address })
    throw new FieldproofError('board-refused', `the board refused an I2C request: ${refusal}`, {
      facts: { reason: refusal, address },
    })
  }
}

/** What StandardFirmata has to say about the bus, or null. */
function complaintOf(message: Incoming): string | null {
  if (message.kind !== 'raw' || message.bytes[1] !== STRING) return null
  const text = textOf(message.bytes)
  return text.includes('I2C') ? text : null
}

/** Two groups a character. */
function textOf(bytes: Uint8Array): string {
  const low = bytes.subarray(2, -1).filter((_, i) => i % 2 === 0)
  return String.fromCharCode(...low)
}

function hex(address: number): string {
  return `0x${address.toString(16).padStart(2, '0')}`
}
