/** Words of a wiring diagram that picture and table share. */
import type { StationDefinition, Wire } from '../station/definition.ts'
import { wiredParts } from './wired-parts.ts'

/** `4.7 kΩ`. */
export function ohmsText(ohms: number): string {
  return ohms < 1000 ? `${ohms} Ω` : `${ohms / 1000} kΩ`
}

/** `resistor 4.7 kΩ to 5V`; empty for a wire without one. */
export function pullText({ pull }: Wire): string {
  return pull === undefined ? '' : `resistor ${ohmsText(pull.ohms)} to ${pull.to}`
}

/** One sentence a part, for those who do not see the picture. */
export function wiringSentences(station: StationDefinition): readonly string[] {
  return wiredParts(station).map(([name, { title, wires }]) => {
    const ends = wires.map((wire) => {
      const pull = pullText(wire)
      return `${wire.terminal} to ${wire.pin}${pull === '' ? '' : `, with a ${pull}`}`
    })
    return `${title} (${name}): ${ends.join('; ')}.`
  })
}

/** Notes of parts; parts of one kind are told once. */
export function notedParts(
  station: StationDefinition,
): readonly { readonly head: string; readonly notes: readonly string[] }[] {
  const kinds = new Map<
    string,
    { readonly title: string; readonly names: string[]; readonly notes: readonly string[] }
  >()
  for (const [name, { title, notes = [] }] of wiredParts(station)) {
    if (notes.length === 0) continue
    const key = JSON.stringify([title, notes])
    const kind = kinds.get(key) ?? { title, names: [], notes }
    kind.names.push(name)
    kinds.set(key, kind)
  }
  return [...kinds.values()].map(({ title, names, notes }) => ({ head: `${title} (${names.join(', ')})`, notes }))
}

/** Breaks a text into lines of at most so many characters, at spaces. */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last === undefined || last.length + 1 + word.length > columns) lines.push(word)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines
}
