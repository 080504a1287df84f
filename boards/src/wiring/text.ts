/** The wiring of a station as a table, for a terminal. */
import type { StationDefinition } from '../station/definition.ts'
import { wiredParts } from './wired-parts.ts'
import { notedParts, pullText, wrap } from './words.ts'

const HEAD = ['part', 'terminal', 'Uno', 'and'] as const
const COLUMNS = 96

/** A line for each wire, then what goes wrong most often. */
export function wiringText(station: StationDefinition): string {
  const parts = wiredParts(station)
  const rows = parts.flatMap(([name, { wires }]) =>
    wires.map((wire, i) => [i === 0 ? name : '', wire.terminal, wire.pin, pullText(wire)]),
  )
  const widths = HEAD.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)))
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd()
  const notes = notedParts(station).flatMap(({ head, notes: all }) => [head, ...all.flatMap(noteLines)])
  return `${[station.title, '', line(HEAD), line(widths.map((n) => '-'.repeat(n))), ...rows.map(line), '', ...notes].join('\n')}\n`
}

function noteLines(note: string): string[] {
  return wrap(note, COLUMNS - 4).map((text, i) => `${i === 0 ? '  - ' : '    '}${text}`)
}
