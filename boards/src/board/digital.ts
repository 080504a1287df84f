/** A digital output that is read back: Firmata's own write says nothing, even after the cable was pulled. */
import { PIN_MODES, SYSEX_END, SYSEX_START } from '../protocol/index.ts'
import { coded, commandFailed } from './failures.ts'
import type { FirmataIo } from './firmata-io.ts'
import type { Wire } from './wire.ts'

const PIN_STATE_QUERY = 0x6d
const PIN_STATE = 0x6e

/** @throws FieldproofError `command-failed` unless the board then reports the pin as an output of that level */
export async function digitalWrite(
  { wire, waitMs, io }: { readonly wire: Wire; readonly waitMs: number; readonly io: FirmataIo },
  pin: number,
  level: boolean,
): Promise<void> {
  try {
    // Through io: it writes eight pins at once, and has to know what each of them is.
    io.pinMode(pin, io.MODES.OUTPUT)
    io.digitalWrite(pin, level ? 1 : 0)
    const [mode, state] = await wire.ask({
      bytes: Uint8Array.of(SYSEX_START, PIN_STATE_QUERY, pin, SYSEX_END),
      answer: (message) => {
        if (message.kind !== 'raw' || message.bytes[1] !== PIN_STATE || message.bytes[2] !== pin) return undefined
        return [message.bytes[3], message.bytes[4]] as const
      },
      waitMs,
      silent: () => commandFailed(`the board does not say what pin ${pin} is`),
    })
    if (mode === PIN_MODES.output && state === (level ? 1 : 0)) return
  } catch (error) {
    throw commandFailed(
      `pin ${pin} may not be ${level ? 'high' : 'low'}: ${coded(error, commandFailed).message}`,
      error,
    )
  }
  throw commandFailed(`pin ${pin} was told to be ${level ? 'high' : 'low'} and is not`)
}
