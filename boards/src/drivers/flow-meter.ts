/** Turbine flow meter with a pulse output, at the board's third counter. */
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

/** A meter at D4. `pulses` and `volume` are what came since the row before; `rate` is its mean over that time. */
export function flowMeter({ pulsesPerLitre, debounceUs = DEBOUNCE_US }: FlowMeterOptions): SensorDefinition<
  'pulses' | 'volume' | 'rate'
> {
  const memory = createCounterMemory(COUNTER.flow)
  return {
    part: {
      title: 'Flow meter YF-S201',
      wires: [
        { terminal: 'red (5 V)', pin: '5V' },
        { terminal: 'yellow (pulse)', pin: 'D4' },
        { terminal: 'black (GND)', pin: 'GND' },
      ],
      notes: ['The arrow on it is the way of the water. It goes after the valve, where it is not always under pressure.'],
    },
    quantities: {
      pulses: { unit: 'count', decimals: 0 },
      volume: { unit: 'l', decimals: 4 },
      rate: { unit: 'l/s', decimals: 4 },
    },
    driver: {
      start: async (session) => {
        await memory.open(session, debounceUs)
        return {
          read: async () => {
            const { counted, commit } = await memory.read(session)
            if (counted === null) return { values: { pulses: null, volume: null, rate: null }, commit }
            const volume = counted.pulses / pulsesPerLitre
            const rate = counted.elapsedMs > 0 ? volume / (counted.elapsedMs / 1000) : null
            return { values: { pulses: counted.pulses, volume, rate }, commit }
          },
        }
      },
    },
  }
}
