/** The streams of a field. */
import type { StreamDefinition } from '../../../src/wire/index.ts'

/** Two streams of different types. */
export const STREAMS = {
  weather: {
    name: 'weather',
    columns: [
      { name: 'air', unit: 'Cel', exponent: -2, type: 'int' },
      { name: 'note', unit: '', exponent: 0, type: 'text' },
    ],
    context: { cadenceMs: 60_000 },
  },
  door: {
    name: 'door',
    columns: [
      { name: 'open', unit: '', exponent: 0, type: 'bool' },
      { name: 'tag', unit: '', exponent: 0, type: 'bytes' },
    ],
    context: {},
  },
} as const satisfies Record<string, StreamDefinition>

/** Name of one. */
export type StreamName = keyof typeof STREAMS
