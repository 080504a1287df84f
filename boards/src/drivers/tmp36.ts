/** TMP36: an analog thermometer, 10 mV a degree from 0.5 V at 0 Cel (data sheet, table 4), against the Uno's 5 V. */
import { FieldproofError } from '@fieldproof/sdk/base'
import type { SensorDefinition } from '../station/definition.ts'
import { analogChannel, type PinName } from '../station/pins.ts'

/** A TMP36 on an analog pin; its temperature is as good as the 5 V, some 2 %. */
export function tmp36(pin: PinName): SensorDefinition<'raw' | 'temperature'> {
  return {
    part: {
      title: 'TMP36',
      wires: [
        { terminal: '+Vs', pin: '5V' },
        { terminal: 'Vout', pin },
        { terminal: 'GND', pin: 'GND' },
      ],
    },
    quantities: { raw: { unit: '', decimals: 0 }, temperature: { unit: 'Cel', decimals: 1 } },
    driver: {
      start: async (session) => ({
        read: async () => {
          const raw = await session.analogRead(analogChannel(pin))
          const temperature = ((raw * 5) / 1023 - 0.5) * 100
          if (temperature >= -40 && temperature <= 125) return { values: { raw, temperature } }
          const fault = new FieldproofError('sensor-invalid', `TMP36 at ${pin}: ${raw} counts`, { facts: { pin, raw } })
          return { values: { raw, temperature: null }, fault }
        },
      }),
    },
  }
}
