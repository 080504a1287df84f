/**
 * Where everything of a wiring diagram is: an Uno at the left, parts at the right, two supply rails before them, and a lane for each
 * signal in between. Parts stand in the order of their pins, so that wires do not cross more than they must.
 */
import type { Part, StationDefinition, Wire } from '../station/definition.ts'
import type { PinName } from '../station/pins.ts'
import { isSupply, PIN_GROUPS, SUPPLIES, type Supply, wiredParts } from './wired-parts.ts'

/** A pin of the Uno. */
export interface PinPlace {
  readonly pin: PinName
  readonly y: number
  readonly isUsed: boolean
}

/** A wire, with its end at the part. */
export interface WirePlace {
  readonly wire: Wire
  readonly y: number
  /** Place of its vertical stretch; null for a supply, which goes to its rail. */
  readonly laneX: number | null
  /** Counts the signals of the station, for colours. */
  readonly signal: number
  /** Where its resistor is. */
  readonly pullY: number | null
}

/** A part. */
export interface PartPlace {
  readonly name: string
  readonly part: Part
  readonly y: number
  readonly height: number
  readonly wires: readonly WirePlace[]
}

/** The whole sheet; lengths are CSS pixels. */
export interface Sheet {
  readonly uno: { readonly x: number; readonly y: number; readonly width: number; readonly height: number }
  readonly pins: readonly PinPlace[]
  readonly rails: readonly {
    readonly supply: Supply
    readonly x: number
    readonly top: number
    readonly bottom: number
  }[]
  readonly partX: number
  readonly partWidth: number
  readonly parts: readonly PartPlace[]
  readonly width: number
  /** Of everything above the notes. */
  readonly height: number
}

/** Between the edge of the sheet and what is on it. */
export const MARGIN = 24
const HEAD = 104
const UNO_WIDTH = 190
const PIN_STEP = 22
const GROUP_GAP = 16
const LANE_STEP = 16
const RAIL_STEP = 26
const RESISTOR_ROOM = 196
const PART_WIDTH = 290
const PART_GAP = 26
const PART_HEAD = 62
const WIRE_STEP = 32
const PULL_STEP = 28

/** Lays a station out. */
export function layOut(station: StationDefinition): Sheet {
  const named = wiredParts(station)
  const used = new Set(
    named.flatMap(([, { wires }]) => wires.flatMap(({ pin, pull }) => (pull ? [pin, pull.to] : [pin]))),
  )
  const pins = placePins(used)
  const laneX = MARGIN + UNO_WIDTH + 34
  const parts = placeParts(named, pins, laneX)
  const signals = parts.flatMap(({ wires }) => wires).filter((wire) => wire.laneX !== null).length
  const supplies = SUPPLIES.filter((supply) => used.has(supply))
  const railX = laneX + Math.max(1, signals) * LANE_STEP + 24
  const partX = railX + (supplies.length - 1) * RAIL_STEP + RESISTOR_ROOM
  const partsEnd = parts.at(-1)
  const unoHeight = (pins.at(-1)?.y ?? HEAD) + PIN_STEP - HEAD
  const bottom = Math.max(HEAD + unoHeight, partsEnd === undefined ? 0 : partsEnd.y + partsEnd.height)
  return {
    uno: { x: MARGIN, y: HEAD, width: UNO_WIDTH, height: unoHeight },
    pins,
    rails: supplies.map((supply, i) => ({
      supply,
      x: railX + i * RAIL_STEP,
      top: yOf(pins, supply),
      bottom: Math.max(...parts.flatMap(({ wires }) => wires.flatMap((wire) => railEnd(wire, supply)))),
    })),
    partX,
    partWidth: PART_WIDTH,
    parts,
    width: partX + PART_WIDTH + MARGIN,
    height: bottom + MARGIN,
  }
}

function placePins(used: ReadonlySet<PinName>): PinPlace[] {
  let y = HEAD + 52
  return PIN_GROUPS.flatMap(({ pins }, group) => {
    y += group === 0 ? 0 : GROUP_GAP
    return pins.map((pin) => {
      const place = { pin, y, isUsed: used.has(pin) }
      y += PIN_STEP
      return place
    })
  })
}

/** Row of a pin of the Uno. */
export function yOf(pins: readonly PinPlace[], pin: PinName): number {
  return pins.find((place) => place.pin === pin)?.y ?? 0
}

function railEnd({ wire, y, pullY }: WirePlace, supply: Supply): number[] {
  return [...(wire.pin === supply ? [y] : []), ...(wire.pull?.to === supply && pullY !== null ? [pullY] : [])]
}

function placeParts(
  named: readonly (readonly [string, Part])[],
  pins: readonly PinPlace[],
  laneX: number,
): PartPlace[] {
  let y = yOf(pins, 'GND') + PART_GAP
  let signal = 0
  const placed = named.map(([name, part]): PartPlace => {
    const top = y
    let row = top + PART_HEAD
    const wires = part.wires.map((wire): WirePlace => {
      const isSignal = !isSupply(wire.pin)
      const place = {
        wire,
        y: row,
        laneX: null,
        signal: isSignal ? signal++ : 0,
        pullY: wire.pull ? row + PULL_STEP : null,
      }
      row += WIRE_STEP + (wire.pull ? PULL_STEP : 0)
      return place
    })
    const height = row - top - WIRE_STEP + 24
    y = top + height + PART_GAP
    return { name, part, y: top, height, wires }
  })
  return withLanes(placed, pins, laneX)
}

/** Wires that go down take lanes from the right, wires that go up from the left: then neither crosses its own kind. */
function withLanes(parts: readonly PartPlace[], pins: readonly PinPlace[], laneX: number): PartPlace[] {
  const isSignal = ({ wire }: WirePlace): boolean => !isSupply(wire.pin)
  const goesDown = ({ wire, y }: WirePlace): boolean => y > yOf(pins, wire.pin)
  const signals = parts.flatMap(({ wires }) => wires.filter(isSignal))
  const down = signals.filter(goesDown)
  const up = signals.filter((wire) => !goesDown(wire))
  const laneOf = (wire: WirePlace): number => {
    const lane = goesDown(wire) ? signals.length - 1 - down.indexOf(wire) : up.indexOf(wire)
    return laneX + lane * LANE_STEP
  }
  return parts.map((part) => ({
    ...part,
    wires: part.wires.map((wire) => (isSignal(wire) ? { ...wire, laneX: laneOf(wire) } : wire)),
  }))
}
