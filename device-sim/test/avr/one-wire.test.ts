import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { connectOneWire, type OneWireBus, type OneWireDevice } from '../../src/avr/index.ts'
import { crc8, ds18b20, ds18b20Rom } from '../../src/parts/ds18b20.ts'
import { countersOf, createRig, type Message, type Rig, replyOf, toGroups } from './rig.ts'

const PIN = 8
const CONVERT = 0x44
const READ_SCRATCHPAD = 0xbe
const STEP = { reset: 1, skip: 2, select: 4, read: 8, delay: 16, write: 32 }
const NO_ANSWER = 4
const HELD = 5
const BUSY = 6

const sysex = (...bytes: number[]): number[] => [0xf0, 0x73, ...bytes, 0xf7]
const steps = (bits: number, ...data: number[]): number[] => sysex(bits, PIN, ...pack(data))
const SEARCH = sysex(0x40, PIN)
const readFrom = (rom: Uint8Array, count: number, id = 0x1234): number[] =>
  steps(
    STEP.reset | STEP.select | STEP.read | STEP.write,
    ...rom,
    ...[count & 255, count >> 8, id & 255, id >> 8],
    READ_SCRATCHPAD,
  )

/** Bits of the bytes in a row, 7 a group. */
function pack(bytes: readonly number[]): number[] {
  const bits = bytes.flatMap((byte) => Array.from({ length: 8 }, (_, i) => (byte >> i) & 1))
  return Array.from({ length: Math.ceil(bits.length / 7) }, (_, group) =>
    bits.slice(7 * group, 7 * group + 7).reduce((value, bit, i) => value | (bit << i), 0),
  )
}

function unpack(groups: readonly number[]): number[] {
  const bits = groups.flatMap((group) => Array.from({ length: 7 }, (_, i) => (group >> i) & 1))
  return Array.from({ length: Math.floor(bits.length / 8) }, (_, byte) =>
    bits.slice(8 * byte, 8 * byte + 8).reduce((value, bit, i) => value | (bit << i), 0),
  )
}

/** What follows `f0 73` in the messages of 1-Wire, unpacked behind the pin. */
function answers(messages: readonly Message[]): number[][] {
  const ours = messages.filter(({ bytes }) => bytes[0] === 0xf0 && bytes[1] === 0x73)
  return ours.map(({ bytes }) => [...bytes.slice(2, 4), ...unpack(bytes.slice(4, -1))])
}

/** Codes of the errors about 1-Wire on our pin. */
function errors(messages: readonly Message[]): number[] {
  return messages.flatMap((message) => {
    const { command, payload: [sysexId, pin, code = -1] = [] } = replyOf(message) ?? {}
    return command === 0x7f && sysexId === 0x73 && pin === PIN ? [code] : []
  })
}

/** A board with thermometers of 20, 21, ... Cel on {@link PIN}, configured. */
function connect(count: number, more: Partial<OneWireDevice> = {}): { rig: Rig; bus: OneWireBus; roms: Uint8Array[] } {
  const rig = createRig()
  const roms = Array.from({ length: count }, (_, i) => ds18b20Rom(0x1234_5678_9a00 + 0x11_0101 * i))
  const devices = roms.map((rom, i) => ds18b20({ rom, celsius: () => 20 + i, nowMs: rig.uno.nowMs }))
  const bus = connectOneWire(
    rig.uno,
    PIN,
    devices.map((device) => ({ ...device, ...more })),
  )
  rig.ask(sysex(0x41, PIN, 0))
  return { rig, bus, roms }
}

function sorted(roms: readonly (readonly number[])[]): string[] {
  return roms.map((rom) => Buffer.from(rom).toString('hex')).sort()
}

/** Addresses in a search reply. */
function found(answer: readonly number[] = []): string[] {
  return sorted(Array.from({ length: (answer.length - 2) / 8 }, (_, i) => answer.slice(2 + 8 * i, 10 + 8 * i)))
}

function celsiusOf([command, pin, low, high, ...pad]: readonly number[] = []): number {
  expect([command, pin, low, high]).toEqual([0x43, PIN, 0x34, 0x12])
  expect(crc8(pad.slice(0, 8))).toBe(pad[8])
  return ((((pad[1] ?? 0) << 24) >> 16) | (pad[0] ?? 0)) / 16
}

describe('1-Wire', () => {
  test.each([1, 2, 5, 8])('a search finds all of %i devices (BOARD-40)', (count) => {
    const { rig, roms } = connect(count)
    const [answer, ...more] = answers(rig.ask(SEARCH, 60 * count))
    expect(more).toEqual([])
    expect(answer?.slice(0, 2)).toEqual([0x42, PIN])
    expect(found(answer)).toEqual(sorted(roms.map((rom) => [...rom])))
  })

  test('a search finds addresses that differ in any bits (BOARD-40)', () => {
    const address = fc.uint8Array({ minLength: 8, maxLength: 8 })
    fc.assert(
      fc.property(fc.uniqueArray(address, { minLength: 1, maxLength: 5, selector: String }), (roms) => {
        const rig = createRig()
        const silent = { present: () => true, reset: () => {}, command: () => {}, read: () => null }
        connectOneWire(
          rig.uno,
          PIN,
          roms.map((rom) => ({ rom, ...silent })),
        )
        const [answer] = answers(rig.ask([...sysex(0x41, PIN, 0), ...SEARCH], 300))
        expect(found(answer)).toEqual(sorted(roms.map((rom) => [...rom])))
      }),
      { seed: 40, numRuns: 8 },
    )
  })

  test('a search among nine devices is refused, not cut short (BOARD-40)', () => {
    const { rig } = connect(9)
    expect(errors(rig.ask(SEARCH, 400))).toEqual([3])
  })

  test('thermometers convert together and are read one by one, in requests sent in one go (BOARD-43)', () => {
    const { rig, roms } = connect(3)
    rig.ask(steps(STEP.reset | STEP.skip | STEP.write, CONVERT), 800)
    const said = answers(
      rig.ask(
        roms.flatMap((rom) => readFrom(rom, 9)),
        100,
      ),
    )
    expect(said.map(celsiusOf)).toEqual([20, 21, 22])
  })

  test('a thermometer read before its 750 ms are over has its value of power-up', () => {
    const { rig, roms } = connect(1)
    rig.ask(steps(STEP.reset | STEP.skip | STEP.write, CONVERT), 700)
    const early = answers(rig.ask(readFrom(roms[0] ?? new Uint8Array(8), 9), 30))
    rig.uno.run(50)
    const late = answers(rig.ask(readFrom(roms[0] ?? new Uint8Array(8), 9), 30))
    expect([...early, ...late].map(celsiusOf)).toEqual([85, 20])
  })

  test('a delay holds back what comes after it, and nothing else (BOARD-43)', () => {
    const { rig, roms } = connect(1)
    const convert = steps(STEP.reset | STEP.skip | STEP.write | STEP.delay, ...[0xee, 2, 0, 0], CONVERT)
    const said = rig.ask([...convert, ...readFrom(roms[0] ?? new Uint8Array(8), 9), 0xf0, 1, 8, 0xf7], 800)
    expect(said.map(({ bytes }) => bytes[1])).toEqual([0x01, 0x73])
    expect(answers(said).map(celsiusOf)).toEqual([20])
  })

  test('what hosts commonly send, every step with zeros for those not wanted, selects nobody for nothing', () => {
    const { rig, roms } = connect(1)
    const all = STEP.select | STEP.read | STEP.delay | STEP.write
    const [rom = new Uint8Array(8)] = roms
    rig.ask(steps(STEP.reset, ...new Array(16).fill(0)))
    rig.ask(steps(all, ...rom, ...new Array(8).fill(0), CONVERT), 20)
    expect(rig.ask(steps(all, ...new Array(8).fill(0), 0, 0, 0, 0, ...[0xee, 2, 0, 0]), 800)).toEqual([])
    rig.ask(steps(STEP.reset))
    const said = answers(rig.ask(steps(all, ...rom, ...[9, 0, 0x34, 0x12], ...[0, 0, 0, 0], READ_SCRATCHPAD), 30))
    expect(said.map(celsiusOf)).toEqual([20])
  })

  test('a line that nobody answers is said to be one, and no data is invented (BOARD-41)', () => {
    const rig = createRig()
    connectOneWire(rig.uno, PIN, [])
    rig.ask(sysex(0x41, PIN, 1))
    expect(errors(rig.ask(SEARCH))).toEqual([NO_ANSWER])
    const said = rig.ask([...steps(STEP.reset), ...steps(STEP.read, 9, 0, 0, 0), ...steps(STEP.write, 1)])
    expect(errors(said)).toEqual([NO_ANSWER, NO_ANSWER, NO_ANSWER])
    expect(answers(said)).toEqual([])
  })

  test('a thermometer that is unplugged is missed, and found again (BOARD-41)', () => {
    let isPlugged = true
    const { rig, roms } = connect(1, { present: () => isPlugged })
    const [rom = new Uint8Array(8)] = roms
    isPlugged = false
    expect(errors(rig.ask(readFrom(rom, 9), 30))).toEqual([NO_ANSWER])
    isPlugged = true
    expect(answers(rig.ask(readFrom(rom, 9), 30))).toHaveLength(1)
  })

  test('a line that is held low is said to be held, and works again when it is let go (BOARD-41)', () => {
    const { rig, bus } = connect(1)
    bus.hold(true)
    expect(errors(rig.ask([...SEARCH, ...steps(STEP.reset)]))).toEqual([HELD, HELD])
    bus.hold(false)
    expect(answers(rig.ask(SEARCH, 60))).toHaveLength(1)
  })

  test.each([
    ['a config of a pin without the mode', sysex(0x41, 14, 0), 14, 3],
    ['a config of a pin of the board', sysex(0x41, 7, 0), 7, 3],
    ['a config of a pin that is none', sysex(0x41, 90, 0), 90, 3],
    ['a config with a power of 2', sysex(0x41, PIN, 2), PIN, 3],
    ['a config without a power', sysex(0x41, PIN), PIN, 1],
    ['a search before the config', sysex(0x40, 9), 9, 2],
    ['a reset before the config', sysex(1, 9), 9, 2],
    ['a search for alarms', sysex(0x44, PIN), PIN, 2],
    ['no steps', sysex(0, PIN), PIN, 2],
    ['a step that is none', sysex(0x61, PIN), PIN, 2],
    ['a search with data', sysex(0x40, PIN, 1), PIN, 1],
    ['nothing', sysex(), 0, 1],
    ['a read of 33 bytes', steps(STEP.read, 33, 0, 0, 0), PIN, 3],
    ['a read of 256 bytes', steps(STEP.read, 0, 1, 0, 0), PIN, 3],
    ['a delay of 2001 ms', steps(STEP.delay, 0xd1, 7, 0, 0), PIN, 3],
    ['a delay of 65536 ms', steps(STEP.delay, 0, 0, 1, 0), PIN, 3],
    ['skip with select', steps(STEP.skip | STEP.select, 1, 2, 3, 4, 5, 6, 7, 8), PIN, 3],
    ['half an address', steps(STEP.select, 1, 2, 3, 4), PIN, 1],
    ['17 bytes that are not to be written', steps(STEP.reset, ...new Array(17).fill(0)), PIN, 1],
    ['17 bytes to write', steps(STEP.reset | STEP.write, ...new Array(17).fill(1)), PIN, 1],
    ['70 bytes to write', steps(STEP.reset | STEP.write, ...new Array(70).fill(1)), PIN, 1],
  ])('%s is answered with its error (BOARD-42, BOARD-8)', (_, request, pin, code) => {
    const { rig } = connect(1)
    expect(rig.ask(request, 40).map(replyOf)).toMatchObject([{ command: 0x7f, payload: [0x73, pin, code] }])
    expect(answers(rig.ask(SEARCH, 60))).toHaveLength(1)
  })

  test('the largest request is done: 16 bytes written, 32 read', () => {
    const written: number[] = []
    const { rig, roms } = connect(1, {
      command: (byte) => written.push(byte),
      read: () => (written.length < 16 ? null : 0x5a),
    })
    const bytes = Array.from({ length: 16 }, (_, i) => 0xf0 ^ (i * 7))
    const all = STEP.reset | STEP.select | STEP.read | STEP.delay | STEP.write
    const request = steps(all, ...(roms[0] ?? []), ...[32, 0, 0x34, 0x12], ...[0, 0, 0, 0], ...bytes)
    expect(answers(rig.ask(request, 80))).toEqual([[0x43, PIN, 0x34, 0x12, ...new Array(32).fill(0x5a)]])
    expect(written).toEqual(bytes)
  })

  test('the fifth request that waits is refused and the four are done; a reset drops them (BOARD-43, BOARD-5)', () => {
    const { rig } = connect(1)
    const slow = steps(STEP.delay, 100, 0, 0, 0)
    const five = rig.ask([...slow, ...SEARCH, ...SEARCH, ...SEARCH, ...SEARCH], 400)
    expect([errors(five), answers(five).length]).toEqual([[BUSY], 3])
    expect(rig.ask([...slow, ...SEARCH, 0xff], 300)).toEqual([])
    expect(errors(rig.ask(sysex(0x40, PIN)))).toEqual([2])
  })

  test('a pin that is given another mode meanwhile is left alone (BOARD-42)', () => {
    const { rig } = connect(4)
    expect(errors(rig.ask([...SEARCH, 0xf4, PIN, 0], 100))).toEqual([2])
  })
})

describe('while 1-Wire is busy', () => {
  test('pulses at 200 Hz and a flood of requests lose nothing (BOARD-44, BOARD-21)', () => {
    const { rig } = connect(8)
    const startMs = rig.uno.nowMs()
    for (let i = 0; i < 200; i++) rig.uno.at(startMs + 2.5 * i + 0.3, () => rig.uno.setPin(4, i % 2 === 1))
    const said = rig.ask(SEARCH, 5)
    // As many requests as the line takes both ways: 34 bytes of answers for 34 bytes to the board.
    for (let i = 0; i < 60; i++) said.push(...rig.ask([...new Array(16).fill(0), 0xf0, 1, 8, 0xf7], 8))
    said.push(...rig.ask([], 100))
    expect(found(answers(said)[0])).toHaveLength(8)
    expect(said.filter((message) => replyOf(message)?.command === 0x48)).toHaveLength(60)
    expect(rig.uno.lostBytes()).toBe(0)
    expect(countersOf(rig.feature(1)[0])[2]?.count).toBe(100)
  })

  test('interrupts are never off for as long as 80 µs: pulses that short are counted (BOARD-44)', () => {
    const { rig } = connect(8)
    rig.feature(2, [0, 0, 0, 0])
    const startMs = rig.uno.nowMs()
    for (let i = 0; i < 1600; i++) rig.uno.at(startMs + 2 + 0.08 * i, () => rig.uno.setPin(2, i % 2 === 1))
    expect(answers(rig.ask(SEARCH, 300))).toHaveLength(1)
    expect(countersOf(rig.feature(1)[0])[0]?.count).toBe(800)
  })

  test('the valve is closed at its time, never later (BOARD-44, BOARD-11)', () => {
    const { rig } = connect(1, { command: () => {}, read: () => null })
    const openMs: number[] = []
    rig.uno.onPin(7, ({ level, ms }) => openMs.push(level ? -ms : (openMs.pop() ?? 0) + ms))
    // Zeros keep interrupts off longest; the valve is opened at every phase of the clock's tick, and closed amid them.
    const zeros = steps(STEP.reset | STEP.skip | STEP.write, ...new Array(16).fill(0))
    for (let i = 0; i < 100; i++) rig.ask([0xf0, 1, 5, ...toGroups(12, 4), 0xf7, ...zeros], 30.01)
    expect(openMs).toHaveLength(100)
    expect(Math.max(...openMs)).toBeLessThanOrEqual(12)
    expect(Math.min(...openMs)).toBeGreaterThan(10.9)
  })

  test('analog values are sampled at their interval (BOARD-2)', () => {
    const { rig } = connect(8)
    rig.ask([0xc0, 1, 0xf0, 0x7a, 10, 0, 0xf7], 30)
    const said = rig.ask(SEARCH, 300)
    const searching = said.slice(
      0,
      said.findIndex(({ bytes }) => bytes[1] === 0x73),
    )
    const late = searching.map(({ ms }) => (ms - (said[0]?.ms ?? 0) + 0.9) % 10)
    expect(late.length).toBeGreaterThan(10)
    expect(late.filter((ms) => ms > 1.8)).toEqual([])
  })
})
