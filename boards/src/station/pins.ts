/** Pins of an Arduino Uno by the names that are printed beside them, and the numbers that Firmata gives them. */
import { FieldproofError } from '@fieldproof/sdk/base'

/** Digital 0 to 13, analog A0 to A5 (14 to 19), supplies. */
export type PinName = `D${number}` | `A${number}` | '5V' | '3V3' | 'GND'

const DIGITAL = Array.from({ length: 14 }, (_, i): PinName => `D${i}`)
const ANALOG = Array.from({ length: 6 }, (_, i): PinName => `A${i}`)

/** Every pin of an Uno that a part may be wired to. */
export const PIN_NAMES: readonly PinName[] = [...DIGITAL, ...ANALOG, '5V', '3V3', 'GND']

/** Firmata's number of a pin. @throws FieldproofError `out-of-range` for a supply or another name */
export function pinNumber(name: PinName): number {
  const number = [...DIGITAL, ...ANALOG].indexOf(name)
  if (number < 0)
    throw new FieldproofError('out-of-range', `${name} is no pin that can be read`, { facts: { pin: name } })
  return number
}

/** Channel of an analog pin, 0 to 5. @throws FieldproofError `out-of-range` for another pin */
export function analogChannel(name: PinName): number {
  const channel = ANALOG.indexOf(name)
  if (channel < 0) throw new FieldproofError('out-of-range', `${name} is no analog pin`, { facts: { pin: name } })
  return channel
}
