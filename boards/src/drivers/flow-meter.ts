/** Turbine flow meter with a pulse output, at the board's third counter. */
import { litres, litresPerSecond } from '../derive/index.ts'
import type { SensorDefinition } from '../station/definition.ts'
import { COUNTER, createCounterMemory } from './counter-memory.ts'

/** Options of {@link flowMeter}. */
export interface FlowMeterOptions {
  /** 450 for a YF-S201 (7.5 Hz at 1 l/min), 5880 for a YF-S401; ±10 %, so measure it with a bucket. */
  readonly pulsesPerLitre: number
  /** Closest two pulses, µs; default 500, which is far above any of these turbines. */
  readonly debounceUs?: number
}

const DEBOUNCE_US = 500
/** A pulse in the first moments of a session would be a flood: no mean over less than this. */
const SHORTEST_MEAN_MS = 1000

/** A meter at D4. `pulses` and `volume` are what came since the row before; `rate` is its mean over that time, or null for less than a second. */
export function flowMeter({
  pulsesPerLitre,
  debounceUs = DEBOUNCE_US,
}: FlowMeterOptions): SensorDefinition<'pulses' | 'volume' | 'rate'> {
  const memory = createCounterMemory(COUNTER.flow, debounceUs)
  return {
    part: {
      title: 'Flow meter YF-S201',
      wires: [
        { terminal: 'red (5 V)', pin: '5V' },
        { terminal: 'yellow (pulse)', pin: 'D4' },
        { terminal: 'black (GND)', pin: 'GND' },
      ],
      notes: [
        'The arrow on it is the way of the water. It goes after the valve, where it is not always under pressure.',
      ],
    },
    quantities: {
      pulses: { unit: 'count', decimals: 0 },
      volume: { unit: 'l', decimals: 4 },
      rate: { unit: 'l/s', decimals: 4 },
    },
    driver: {
      start: async (session) => {
        await memory.open(session)
        return {
          read: async () => {
            const { delta, commit } = await memory.read(session)
            if (delta === null) return { values: { pulses: null, volume: null, rate: null }, commit }
            const { pulses, elapsedMs } = delta
            const volume = litres(pulses, pulsesPerLitre)
            const rate = elapsedMs < SHORTEST_MEAN_MS ? null : litresPerSecond(pulses, elapsedMs, pulsesPerLitre)
            return { values: { pulses, volume, rate }, commit }
          },
        }
      },
    },
  }
}
