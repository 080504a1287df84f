/** Capacitive soil probe with an analog output, which falls as the soil gets wetter. */
import { FieldproofError } from '@fieldproof/sdk/base'
import { soilPercent } from '../derive/index.ts'
import type { SensorDefinition } from '../station/definition.ts'
import { analogChannel, type PinName } from '../station/pins.ts'

/** Options of {@link soilProbe}. */
export interface SoilProbeOptions {
  readonly pin: PinName
  /** What the converter says in dry air, 0 to 1023. Copies differ: measure it for each probe. */
  readonly dryRaw: number
  /** What it says in a glass of water. */
  readonly wetRaw: number
}

/**
 * A probe on an analog pin. `raw` is what the converter says; `wetness` lies between the two points of calibration and is not
 * volumetric water content. It is null, with a fault, when `raw` is so far outside that the probe cannot be connected.
 */
export function soilProbe({ pin, dryRaw, wetRaw }: SoilProbeOptions): SensorDefinition<'raw' | 'wetness'> {
  const channel = analogChannel(pin)
  soilPercent(dryRaw, { dry: dryRaw, wet: wetRaw }) // throws here for two points that are one
  return {
    part: {
      title: 'Capacitive soil probe',
      wires: [
        { terminal: 'VCC', pin: '5V' },
        { terminal: 'AOUT', pin },
        { terminal: 'GND', pin: 'GND' },
      ],
      notes: ['Its electronics must stay dry: bury it to the line and no deeper, and seal the edge.'],
    },
    // Not '%': SenML's % is a ratio from 0 to 1 (RFC 8428, 12.1, note 1), /100 is a percentage.
    quantities: { raw: { unit: '', decimals: 0 }, wetness: { unit: '/100', decimals: 1 } },
    driver: {
      start: async (session) => ({
        read: async () => {
          const raw = await session.analogRead(channel)
          const wetness = soilPercent(raw, { dry: dryRaw, wet: wetRaw })
          if (wetness !== null) return { values: { raw, wetness } }
          const detail = `${raw} of 1023 at ${pin} is far outside ${wetRaw} to ${dryRaw}: a probe that is not connected`
          return {
            values: { raw, wetness },
            fault: new FieldproofError('sensor-invalid', detail, { facts: { pin, raw } }),
          }
        },
      }),
    },
  }
}
