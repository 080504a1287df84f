import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createByteFaults } from '../../src/line/byte-faults.ts'
import { faultyLine, unoLine } from '../../src/line/index.ts'
import { createModelUno } from '../../src/model/index.ts'

const BAD = { dropPerByte: 0.1, changePerByte: 0.1, garbagePerByte: 0.1, cutPerMessage: 0.3 }
const chunks = fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 12 })
const RUNS = { seed: 16, numRuns: 200 }

/** As many version messages as fit; each is recognised again. */
function messages(count: number): Uint8Array {
  return Uint8Array.from(Array.from({ length: count }, (_, i) => [0xf0, 1, i & 0x7f, 5, 6, 7, 0xf7]).flat())
}

describe('a bad cable', () => {
  test('does nothing at rates of 0', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect([...createByteFaults(1).pass(bytes)]).toEqual([...bytes])
      }),
      RUNS,
    )
  })

  test('does the same however the bytes are cut into chunks, and another thing with another seed', () => {
    fc.assert(
      fc.property(chunks, fc.nat(), (parts, seed) => {
        const whole = createByteFaults(seed, BAD).pass(Uint8Array.from(parts.flatMap((part) => [...part])))
        const cut = createByteFaults(seed, BAD)
        expect(parts.flatMap((part) => [...cut.pass(part)])).toEqual([...whole])
      }),
      RUNS,
    )
    const [a, b] = [1, 2].map((seed) => String(createByteFaults(seed, BAD).pass(messages(20))))
    expect(a).not.toBe(b)
  })

  test.each([
    ['drops', { dropPerByte: 0.05 }, 'dropped'],
    ['changes', { changePerByte: 0.05 }, 'changed'],
    ['inserts', { garbagePerByte: 0.05 }, 'inserted'],
    ['cuts', { cutPerMessage: 0.5 }, 'cut'],
  ] as const)('%s about as often as it is told, and counts what it does', (_, rates, kind) => {
    const faults = createByteFaults(7, rates)
    const sent = messages(1000)
    const heard = faults.pass(sent)
    const counts = faults.counts()
    const others = Object.entries(counts).filter(([name]) => name !== kind)
    expect(others.map(([, count]) => count)).toEqual([0, 0, 0])
    const expected = { dropped: 350, changed: 350, inserted: 350 * 4.5, cut: 125 }[kind]
    expect(Math.abs(counts[kind] / expected - 1)).toBeLessThan(0.2)
    if (kind === 'dropped') expect(heard.length).toBe(sent.length - counts.dropped)
    if (kind === 'changed') expect(heard.filter((byte, i) => byte !== sent[i])).toHaveLength(counts.changed)
    if (kind === 'inserted') expect(heard.length).toBe(sent.length + counts.inserted)
    if (kind === 'cut') expect(heard.filter((byte) => byte === 0xf7)).toHaveLength(1000 - counts.cut)
  })

  test('lets a line be silent for a while without closing it', async () => {
    const uno = createModelUno()
    const port = unoLine(uno)
    const cable = faultyLine(port.open, { seed: 3 })
    const heard: number[] = []
    const line = await cable.open({ onData: (bytes) => heard.push(...bytes), onClose: () => {} })
    port.step(60)
    const greeting = heard.length
    expect(greeting).toBeGreaterThan(0)
    cable.stop()
    const written = line.write(Uint8Array.of(0xf9))
    port.step(60)
    await written
    expect(heard).toHaveLength(greeting)
    cable.go()
    void line.write(Uint8Array.of(0xf9))
    port.step(60)
    expect(heard.slice(greeting)).toEqual([0xf9, 2, 5])
  })
})
