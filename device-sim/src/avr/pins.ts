/** Pins of an Arduino Uno: D0 to D7 are port D, D8 to D13 port B, A0 to A5 (14 to 19) port C. */
import { FieldproofError } from '@fieldproof/sdk/base'

/** Pins that an Uno has: 0 to 13 digital, 14 to 19 analog. */
export const PIN_COUNT = 20
/** Analog channels with a pin. */
export const ANALOG_COUNT = 6

/** Port of a pin, in the order D, B, C, and the pin's bit in it. */
export interface PortBit {
  readonly port: 0 | 1 | 2
  /** 0 to 7. */
  readonly bit: number
}

/**
 * Where a pin is.
 * @throws FieldproofError `out-of-range` for a pin that an Uno has not
 */
export function portBit(pin: number): PortBit {
  if (!Number.isInteger(pin) || pin < 0 || pin >= PIN_COUNT) {
    throw new FieldproofError('out-of-range', `an Uno has no pin ${pin}`, { facts: { pin } })
  }
  if (pin < 8) return { port: 0, bit: pin }
  return pin < 14 ? { port: 1, bit: pin - 8 } : { port: 2, bit: pin - 14 }
}

/** First pin of each port, in the order D, B, C. */
export const FIRST_PIN: readonly number[] = [0, 8, 14]
