/** Tipping bucket rain gauge: a reed contact that closes once a tip, at the board's first counter. */
import { SPARKFUN_MM_PER_TIP } from '../derive/index.ts'
import type { SensorDefinition } from '../station/definition.ts'
import { COUNTER, createCounterMemory } from './counter-memory.ts'

/** Options of {@link rainGauge}. */
export interface RainGaugeOptions {
  /** Rain that makes it tip; default 0.2794 mm (SparkFun SEN-15901: 0.011 in). */
  readonly mmPerTip?: number
  /** Closest two tips, µs; default 100 ms, as SparkFun's own library has it. */
  readonly debounceUs?: number
}

const DEBOUNCE_US = 100_000

/**
 * A gauge at D2. `tips` and `rain` are what came since the row before, also while nobody was connected; null when that cannot be known
 * because another board answers.
 */
export function rainGauge({
  mmPerTip = SPARKFUN_MM_PER_TIP,
  debounceUs = DEBOUNCE_US,
}: RainGaugeOptions = {}): SensorDefinition<'tips' | 'rain'> {
  const memory = createCounterMemory(COUNTER.rain, debounceUs)
  return {
    part: {
      title: 'Tipping bucket rain gauge',
      wires: [
        { terminal: 'contact 1', pin: 'D2' },
        { terminal: 'contact 2', pin: 'GND' },
      ],
      notes: [
        'The two middle wires of its plug are the contact; either may go to GND. No resistor: the board pulls D2 up.',
      ],
    },
    quantities: { tips: { unit: 'count', decimals: 0 }, rain: { unit: 'mm', decimals: 4 } },
    driver: {
      start: async (session) => {
        await memory.open(session)
        return {
          read: async () => {
            const { delta, commit } = await memory.read(session)
            const tips = delta === null ? null : delta.pulses
            return { values: { tips, rain: tips === null ? null : tips * mmPerTip }, commit }
          },
        }
      },
    },
  }
}
