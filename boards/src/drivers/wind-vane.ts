/** Wind vane of reed contacts and resistors: a voltage for each of 16 directions. */
import { FieldproofError } from '@fieldproof/sdk/base'
import { SPARKFUN_CIRCUIT, vaneDegrees } from '../derive/index.ts'
import type { SensorDefinition } from '../station/definition.ts'
import { analogChannel, type PinName } from '../station/pins.ts'

/** Options of {@link windVane}. */
export interface WindVaneOptions {
  readonly pin: PinName
  /** From the pin to 5V; default 10000. Within 5 %, or directions are confused. */
  readonly pullUpOhms?: number
  /** Degrees to add because its north does not look north. */
  readonly northDeg?: number
}

/**
 * A vane on an analog pin. `raw` is what the converter says, `direction` where the wind comes from; null, with a fault, when no
 * position of the vane gives that voltage.
 */
export function windVane(options: WindVaneOptions): SensorDefinition<'raw' | 'direction'> {
  const { pin, pullUpOhms = SPARKFUN_CIRCUIT.pullUpOhms, northDeg = 0 } = options
  const channel = analogChannel(pin)
  return {
    part: {
      title: 'Wind vane',
      wires: [
        { terminal: 'contact 1', pin, pull: { ohms: pullUpOhms, to: '5V' } },
        { terminal: 'contact 2', pin: 'GND' },
      ],
      notes: [
        "The resistor goes from contact 1 to 5V. In SparkFun's kit the two outer wires of its plug are this contact.",
      ],
    },
    quantities: { raw: { unit: '', decimals: 0 }, direction: { unit: 'deg', decimals: 1 } },
    driver: {
      start: async (session) => ({
        read: async () => {
          const raw = await session.analogRead(channel)
          const degrees = vaneDegrees(raw, { ...SPARKFUN_CIRCUIT, pullUpOhms })
          if (degrees !== null) return { values: { raw, direction: (degrees + northDeg + 360) % 360 } }
          const detail = `${raw} of 1023 at ${pin} is no position of a vane with ${pullUpOhms} Ω`
          const fault = new FieldproofError('sensor-invalid', detail, { facts: { pin, raw } })
          return { values: { raw, direction: null }, fault }
        },
      }),
    },
  }
}
