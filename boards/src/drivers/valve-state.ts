/** What the valve's pin really is, so that water that flows can be told from water that should. */
import type { SensorDefinition } from '../station/definition.ts'

/** The board's own read-back of its valve pin: `open` is 1 or 0. It has no wires: those are the valve's. */
export function valveState(): SensorDefinition<'open'> {
  return {
    part: { title: 'Valve pin, read back', wires: [] },
    quantities: { open: { unit: '', decimals: 0 } },
    driver: {
      start: async (session) => {
        await session.valve() // now, so that a board without a valve is found before the first row
        return { read: async () => ({ values: { open: (await session.valve()).isOpen ? 1 : 0 } }) }
      },
    },
  }
}
