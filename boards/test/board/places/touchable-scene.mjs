/** An Uno with our firmware in a thread, and what a test does to it. Plain JavaScript: a thread cannot load TypeScript. */
import { createUno } from '@fieldproof/device-sim/avr'

const COUNTER_PINS = [2, 3, 4]
/** Contact times that every counter's debounce lets through. */
const PULSE_MS = [120, 5, 2]

export function createScene(options, say) {
  const uno = createUno(options)
  for (const pin of COUNTER_PINS) uno.setPin(pin, true)
  let unplug
  const commands = {
    plugDevice: ({ isThere }) => {
      unplug?.()
      unplug = isThere
        ? uno.plugTwoWire({ address: 0x40, start: () => 'ack', write: () => true, read: () => 0x60 })
        : undefined
    },
    pulse: ({ counter, times, id }) => {
      const startMs = uno.nowMs()
      for (let i = 0; i < 2 * times; i++) {
        uno.at(startMs + i * PULSE_MS[counter], () => uno.setPin(COUNTER_PINS[counter], i % 2 === 1))
      }
      uno.at(startMs + (2 * times + 1) * PULSE_MS[counter], () => say({ id }))
    },
  }
  return { uno, command: (message) => commands[message.kind](message) }
}
