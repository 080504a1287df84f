import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type Part, partsOf, type StationDefinition } from '../../src/station/definition.ts'
import { STATIONS } from '../../src/stations/index.ts'
import { wiringSvg, wiringText } from '../../src/wiring/index.ts'
import { layOut } from '../../src/wiring/sheet.ts'
import { wrap } from '../../src/wiring/words.ts'

const stations = Object.values(STATIONS).map((profile) => profile.define({}))
const nothing = { start: () => Promise.reject(new Error('not read')) }

/** A station whose sensors are only wired. */
function wiredTo(parts: Readonly<Record<string, Part>>): StationDefinition {
  const sensors = Object.entries(parts).map(([name, part]) => [name, { part, quantities: {}, driver: nothing }])
  return { name: 'bench', title: 'Bench', board: 'uno', sensors: Object.fromEntries(sensors), streams: {} }
}

describe.each(stations)('the wiring of the $name', (station) => {
  const svg = wiringSvg(station)

  it('is the picture in the repository', () => {
    expect(readFileSync(new URL(`../../wiring/${station.name}.svg`, import.meta.url), 'utf8')).toBe(svg)
  })

  it('names every part, terminal, pin and resistor, in the picture, in its description and in the table', () => {
    const description = /<desc[^>]*>([^<]*)<\/desc>/.exec(svg)?.[1] ?? ''
    for (const words of [svg.slice(svg.indexOf('</desc>')), description, wiringText(station)]) {
      for (const [, { wires }] of partsOf(station)) {
        for (const { terminal, pin, pull } of wires) {
          expect(words).toContain(terminal)
          expect(words).toContain(pin)
          if (pull) expect(words).toContain(`${pull.ohms / 1000} kΩ`)
        }
      }
    }
  })

  it('has well-formed elements, no script, and no link', () => {
    const open: string[] = []
    for (const [, end, name, , own] of svg.matchAll(/<(\/?)([a-z]+)((?:\s[^<>]*?)?)(\/?)>/g)) {
      if (end === '/') expect(open.pop()).toBe(name)
      else if (own !== '/') open.push(name ?? '')
    }
    expect(open).toEqual([])
    expect(svg).not.toMatch(/<script|href|<style|url\(/)
  })

  it('draws every wire from its pin or rail to its terminal', () => {
    const { parts, pins, rails, partX } = layOut(station)
    const paths = [...svg.matchAll(/<path d="([^"]*)"/g)].map(([, d]) => d ?? '')
    for (const { wire, y, laneX } of parts.flatMap(({ wires }) => wires)) {
      const rail = rails.find(({ supply }) => supply === wire.pin)
      const pinY = pins.find(({ pin }) => pin === wire.pin)?.y
      const end = rail ? `M${rail.x} ${y}H${partX}` : ` ${pinY}H${laneX}V${y}H${partX}`
      expect(paths.some((d) => d.endsWith(end))).toBe(true)
    }
  })

  it('lets no two wires lie on each other, and no two signals cross', () => {
    const { parts, pins } = layOut(station)
    const signals = parts
      .flatMap(({ wires }) => wires)
      .flatMap(({ wire, y, laneX }) =>
        laneX === null ? [] : [{ x: laneX, from: pins.find(({ pin }) => pin === wire.pin)?.y ?? 0, to: y }],
      )
    for (const one of signals) {
      for (const other of signals) {
        if (one === other) continue
        const [low, high] = [Math.min(one.from, one.to), Math.max(one.from, one.to)]
        const isWithin = (y: number): boolean => y >= low && y <= high
        expect(isWithin(other.from) && other.x >= one.x).toBe(false)
        expect(isWithin(other.to) && other.x <= one.x).toBe(false)
      }
    }
  })

  it('shows no part twice and no part on another', () => {
    const { parts } = layOut(station)
    expect(new Set(parts.map(({ name }) => name)).size).toBe(parts.length)
    for (const [i, { y }] of parts.entries()) {
      const above = parts[i - 1]
      if (above) expect(y).toBeGreaterThan(above.y + above.height)
    }
  })
})

describe('a wiring diagram', () => {
  it('shows words as words, whatever they are', () => {
    const svg = wiringSvg(wiredTo({ odd: { title: '<b>"A&B"</b>', wires: [{ terminal: 'a<b', pin: 'D9' }] } }))
    expect(svg).toContain('&lt;b&gt;&quot;A&amp;B&quot;&lt;/b&gt;')
    expect(svg).not.toContain('<b>')
  })

  it('leaves out what has no wires, and has a rail only for a supply that is used', () => {
    const station = wiredTo({
      pin: { title: 'Read back', wires: [] },
      shifter: { title: 'Shifter', wires: [{ terminal: 'LV', pin: '3V3' }] },
    })
    const { parts, rails } = layOut(station)
    expect(parts.map(({ name }) => name)).toEqual(['shifter'])
    expect(rails.map(({ supply }) => supply)).toEqual(['3V3'])
  })

  it('has a rail for a supply that only a resistor uses', () => {
    const button: Part = { title: 'Button', wires: [{ terminal: '1', pin: 'D9', pull: { ohms: 330, to: '5V' } }] }
    const station = wiredTo({ button })
    expect(layOut(station).rails.map(({ supply }) => supply)).toEqual(['5V'])
    expect(wiringText(station)).toContain('resistor 330 Ω to 5V')
  })

  it('breaks lines at spaces, and a word that is too long not at all', () => {
    expect(wrap('one two three', 7)).toEqual(['one two', 'three'])
    expect(wrap('extraordinary', 5)).toEqual(['extraordinary'])
  })
})
