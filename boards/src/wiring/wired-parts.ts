/** Parts of a station in the order of the pins that they are wired to, which is the order of every drawing and table. */
import { type Part, partsOf, type StationDefinition } from '../station/definition.ts'
import { PIN_NAMES, type PinName } from '../station/pins.ts'

/** A pin that has a rail. */
export type Supply = '5V' | '3V3' | 'GND'
/** Supplies, in the order of the Uno's pins. */
export const SUPPLIES: readonly Supply[] = ['5V', '3V3', 'GND']

/** Pins as they stand in groups on the board. */
export const PIN_GROUPS: readonly { readonly title: string; readonly pins: readonly PinName[] }[] = [
  { title: 'POWER', pins: SUPPLIES },
  { title: 'ANALOG IN', pins: PIN_NAMES.filter((pin) => /^A\d/.test(pin)) },
  { title: 'DIGITAL', pins: PIN_NAMES.filter((pin) => /^D\d/.test(pin)) },
]

const PIN_ORDER: readonly PinName[] = PIN_GROUPS.flatMap(({ pins }) => pins)

/** Whether a pin is a supply. */
export function isSupply(pin: PinName): pin is Supply {
  return SUPPLIES.some((supply) => supply === pin)
}

/** Parts that have wires, with their names, by their first pin that is no supply. */
export function wiredParts(station: StationDefinition): readonly (readonly [name: string, part: Part])[] {
  return partsOf(station)
    .filter(([, { wires }]) => wires.length > 0)
    .sort(([, a], [, b]) => firstPin(a) - firstPin(b))
}

function firstPin({ wires }: Part): number {
  return Math.min(PIN_ORDER.length, ...wires.flatMap(({ pin }) => (isSupply(pin) ? [] : [PIN_ORDER.indexOf(pin)])))
}
