/**
 * The wiring of a station as a picture: SVG that a browser shows, prints and reads aloud, without script, fonts or links. A wire
 * that crosses another one is drawn over it with a white edge; only a dot is a connection.
 */
import type { StationDefinition } from '../station/definition.ts'
import type { PinName } from '../station/pins.ts'
import { layOut, MARGIN, type PartPlace, type Sheet, type WirePlace, yOf } from './sheet.ts'
import { PIN_GROUPS, type Supply } from './wired-parts.ts'
import { notedParts, ohmsText, wiringSentences, wrap } from './words.ts'

const SUPPLY_COLOURS: Readonly<Record<Supply, string>> = { '5V': '#c81e1e', '3V3': '#e07b00', GND: '#111111' }
/** Dark enough for white paper, and told apart without red and green. */
const SIGNAL_COLOURS = ['#1f5fbf', '#b8860b', '#7b2fa8', '#00868b', '#a0522d', '#c2267a', '#4b6b00'] as const
const INK = '#1a1a1a'
const FAINT = '#8a8a8a'
const NOTE_STEP = 19
/** Mean width of a letter at 13 px; only for breaking lines. */
const LETTER = 6.6

/** An SVG document. */
export function wiringSvg(station: StationDefinition): string {
  const sheet = layOut(station)
  const notes = noteLines(station, sheet.width - 2 * MARGIN)
  const height = sheet.height + 30 + notes.length * NOTE_STEP + MARGIN
  const id = station.name
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${sheet.width} ${height}" width="${sheet.width}" height="${height}" role="img" aria-labelledby="${id}-title ${id}-desc" font-family="Helvetica, Arial, sans-serif" font-size="13" fill="${INK}">`,
    `<title id="${id}-title">${escapeText(`Wiring of the ${station.title.toLowerCase()}`)}</title>`,
    `<desc id="${id}-desc">${escapeText(wiringSentences(station).join(' '))}</desc>`,
    `<rect width="${sheet.width}" height="${height}" fill="#ffffff"/>`,
    text(MARGIN, 42, station.title, 'font-size="24" font-weight="bold"'),
    text(
      MARGIN,
      66,
      'Unplug USB before you wire. Thick lines are the rails of a breadboard. Only a dot is a connection.',
      '',
    ),
    ...sheet.rails.flatMap((rail) => drawRail(sheet, rail)),
    ...sheet.parts.flatMap((part) => part.wires.flatMap((wire) => drawWire(sheet, wire))),
    ...drawUno(sheet),
    ...sheet.parts.flatMap((part) => drawPart(sheet, part)),
    ...drawNotes(sheet, notes),
    '</svg>',
  ].join('\n')}\n`
}

function drawUno({ uno, pins }: Sheet): string[] {
  const edge = uno.x + uno.width
  const groups = PIN_GROUPS.flatMap(({ title, pins: [first, ...others] }) => {
    if (first === undefined) return []
    const top = yOf(pins, first)
    const bottom = yOf(pins, others.at(-1) ?? first)
    const middle = (top + bottom) / 2
    return [
      `<rect x="${edge - 58}" y="${top - 11}" width="52" height="${bottom - top + 22}" rx="3" fill="#ffffff" fill-opacity="0.75"/>`,
      text(
        edge - 70,
        middle,
        title,
        `font-size="11" letter-spacing="1" fill="#ffffff" text-anchor="middle" transform="rotate(-90 ${edge - 70} ${middle})"`,
      ),
    ]
  })
  return [
    `<rect x="${uno.x}" y="${uno.y}" width="${uno.width}" height="${uno.height}" rx="10" fill="#0b6b75"/>`,
    `<rect x="${uno.x + 22}" y="${uno.y - 12}" width="86" height="48" rx="3" fill="#c9ccd1" stroke="#6b6f76"/>`,
    text(uno.x + 65, uno.y + 9, 'USB to the', 'font-size="10" text-anchor="middle"'),
    text(uno.x + 65, uno.y + 22, 'Raspberry Pi', 'font-size="10" text-anchor="middle"'),
    text(uno.x + 22, uno.y + uno.height / 2, 'Arduino', 'font-size="18" font-weight="bold" fill="#ffffff"'),
    text(uno.x + 22, uno.y + uno.height / 2 + 22, 'Uno', 'font-size="18" font-weight="bold" fill="#ffffff"'),
    ...groups,
    ...pins.flatMap(({ pin, y, isUsed }) => [
      text(edge - 18, y + 4.5, pin, `text-anchor="end" ${isUsed ? 'font-weight="bold"' : `fill="${FAINT}"`}`),
      `<rect x="${edge - 13}" y="${y - 4}" width="8" height="8" fill="${isUsed ? INK : '#ffffff'}" stroke="${isUsed ? INK : FAINT}"/>`,
    ]),
  ]
}

function drawRail({ uno, pins }: Sheet, { supply, x, top, bottom }: Sheet['rails'][number]): string[] {
  const colour = SUPPLY_COLOURS[supply]
  const pinX = uno.x + uno.width - 5
  return [
    wirePath(`M${pinX} ${yOf(pins, supply)}H${x}V${bottom}`, colour, 4),
    text(x, top - 9, supply, `font-size="12" font-weight="bold" text-anchor="middle" fill="${colour}"`),
  ]
}

function drawWire(sheet: Sheet, place: WirePlace): string[] {
  const { wire, y, laneX } = place
  const { partX } = sheet
  const label = text(partX - 9, y - 5, wire.pin, `font-weight="bold" text-anchor="end" fill="${colourOf(place)}"`)
  if (laneX === null) {
    const x = railX(sheet, wire.pin)
    return [wirePath(`M${x} ${y}H${partX}`, colourOf(place)), dot(x, y, colourOf(place)), label]
  }
  const pinX = sheet.uno.x + sheet.uno.width - 5
  const path = `M${pinX} ${yOf(sheet.pins, wire.pin)}H${laneX}V${y}H${partX}`
  return [wirePath(path, colourOf(place)), ...drawPull(sheet, place), label]
}

/** A resistor, as a box with its value, from the wire to a rail. */
function drawPull(sheet: Sheet, place: WirePlace): string[] {
  const { pull } = place.wire
  if (pull === undefined || place.pullY === null) return []
  const { pullY } = place
  const join = sheet.partX - 44
  const rail = railX(sheet, pull.to)
  const box = { width: 66, height: 20 }
  const left = join - 16 - box.width
  const supply = SUPPLY_COLOURS[pull.to]
  return [
    wirePath(`M${join} ${place.y}V${pullY}H${left + box.width}`, colourOf(place)),
    wirePath(`M${left} ${pullY}H${rail}`, supply),
    dot(join, place.y, colourOf(place)),
    dot(rail, pullY, supply),
    `<rect x="${left}" y="${pullY - box.height / 2}" width="${box.width}" height="${box.height}" fill="#fff6d6" stroke="${INK}" stroke-width="1.5"/>`,
    text(left + box.width / 2, pullY + 4.5, ohmsText(pull.ohms), 'font-size="12" text-anchor="middle"'),
  ]
}

function drawPart({ partX, partWidth }: Sheet, { name, part, y, height, wires }: PartPlace): string[] {
  return [
    `<rect x="${partX}" y="${y}" width="${partWidth}" height="${height}" rx="6" fill="#f3f5f7" stroke="${INK}" stroke-width="1.5"/>`,
    text(partX + 14, y + 23, part.title, 'font-weight="bold" font-size="14"'),
    text(partX + 14, y + 40, name, `font-size="12" fill="#555555"`),
    ...wires.flatMap((wire) => [
      `<circle cx="${partX}" cy="${wire.y}" r="5" fill="#ffffff" stroke="${colourOf(wire)}" stroke-width="2.5"/>`,
      text(partX + 14, wire.y + 4.5, wire.wire.terminal, ''),
    ]),
  ]
}

function colourOf({ wire, signal, laneX }: WirePlace): string {
  if (laneX === null) return SUPPLY_COLOURS[wire.pin as Supply]
  return SIGNAL_COLOURS[signal % SIGNAL_COLOURS.length] ?? INK
}

function railX({ rails }: Sheet, pin: PinName): number {
  return rails.find(({ supply }) => supply === pin)?.x ?? 0
}

function wirePath(d: string, colour: string, width = 2.5): string {
  return [
    `<path d="${d}" fill="none" stroke="#ffffff" stroke-width="${width + 4}"/>`,
    `<path d="${d}" fill="none" stroke="${colour}" stroke-width="${width}" stroke-linejoin="round"/>`,
  ].join('\n')
}

function dot(x: number, y: number, colour: string): string {
  return `<circle cx="${x}" cy="${y}" r="5" fill="${colour}"/>`
}

interface NoteLine {
  readonly words: string
  readonly isHead: boolean
}

function noteLines(station: StationDefinition, width: number): readonly NoteLine[] {
  const columns = Math.floor((width - 14) / LETTER)
  return notedParts(station).flatMap(({ head, notes }) => [
    { words: head, isHead: true },
    ...notes.flatMap((note) => wrap(note, columns).map((words) => ({ words, isHead: false }))),
  ])
}

function drawNotes({ height }: Sheet, lines: readonly NoteLine[]): string[] {
  return lines.map(({ words, isHead }, i) => {
    const y = height + 30 + i * NOTE_STEP
    return text(MARGIN + (isHead ? 0 : 14), y, words, isHead ? 'font-weight="bold"' : '')
  })
}

function text(x: number, y: number, words: string, attributes: string): string {
  return `<text x="${x}" y="${y}"${attributes === '' ? '' : ` ${attributes}`}>${escapeText(words)}</text>`
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

function escapeText(words: string): string {
  return words.replace(/[&<>"]/g, (sign) => ENTITIES[sign] ?? sign)
}
