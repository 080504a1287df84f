/** Capacitive soil probe with an analog output, which falls as the soil gets wetter. */
import { FieldproofError } from '@fieldproof/sdk/base'
import type { BoardSession } from '../board/ports.ts'
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

/** Reports of one reading: at the board's usual 50 ms they span a quarter of a second, a dozen periods of the mains. */
const REPORTS = 6
/** A probe is steady to a few counts; what an open pin picks up is not. */
const MAX_SPREAD = 16

/**
 * A probe on an analog pin. `raw` is what the converter says (the median of a few reports); `wetness` lies between the two points of
 * calibration and is not volumetric water content. It is null, with a fault, when `raw` is so far outside that the probe cannot be
 * connected, and when it does not rest: a pin without a probe often floats between the two points. One that floats and rests there is
 * taken for a probe.
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
          const { raw, spread } = await steadyRead(session, channel)
          const wetness = spread > MAX_SPREAD ? null : soilPercent(raw, { dry: dryRaw, wet: wetRaw })
          if (wetness !== null) return { values: { raw, wetness } }
          const detail =
            spread > MAX_SPREAD
              ? `${pin} moves by ${spread} of 1023 within a moment: a probe that is not connected`
              : `${raw} of 1023 at ${pin} is far outside ${wetRaw} to ${dryRaw}: a probe that is not connected`
          return {
            values: { raw, wetness },
            fault: new FieldproofError('sensor-invalid', detail, { facts: { pin, raw, spread } }),
          }
        },
      }),
    },
  }
}

async function steadyRead(session: BoardSession, channel: number): Promise<{ raw: number; spread: number }> {
  const reports: number[] = []
  for (let i = 0; i < REPORTS; i++) reports.push(await session.analogRead(channel))
  const sorted = reports.toSorted((a, b) => a - b)
  const [least = 0, most = 0] = [sorted[0], sorted.at(-1)]
  return { raw: sorted[REPORTS / 2] ?? 0, spread: most - least }
}
