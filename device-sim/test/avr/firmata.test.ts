import { EventEmitter } from 'node:events'
import { createRequire } from 'node:module'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { connectOneWire } from '../../src/avr/index.ts'
import { ds18b20, ds18b20Rom } from '../../src/parts/ds18b20.ts'
import { createRig, fromGroups, type Rig } from './rig.ts'

interface FirmataPin {
  readonly supportedModes: readonly number[]
  readonly analogChannel: number
  state?: number
}

/** What of firmata-io is used here; it ships no types. */
interface FirmataBoard extends EventEmitter {
  readonly firmware: { name: string; version: { major: number; minor: number } }
  readonly version: { major: number; minor: number }
  readonly pins: readonly FirmataPin[]
  readonly analogPins: readonly number[]
  readonly MODES: Readonly<Record<'INPUT' | 'OUTPUT' | 'ANALOG' | 'PULLUP', number>>
  pinMode(pin: number, mode: number): void
  digitalWrite(pin: number, level: number): void
  digitalRead(pin: number, listener: (level: number) => void): void
  analogRead(channel: number, listener: (value: number) => void): void
  sendOneWireConfig(pin: number, enableParasiticPower: boolean): void
  sendOneWireSearch(pin: number, done: (error: Error | null, roms: readonly (readonly number[])[]) => void): void
  sendOneWireReset(pin: number): void
  sendOneWireWrite(pin: number, rom: readonly number[], command: number): void
  sendOneWireDelay(pin: number, ms: number): void
  sendOneWireWriteAndRead(
    pin: number,
    rom: readonly number[],
    command: number,
    count: number,
    done: (error: Error | null, bytes: readonly number[]) => void,
  ): void
  queryPinState(pin: number, done: () => void): void
  setSamplingInterval(ms: number): void
}
const { Firmata } = createRequire(import.meta.url)('firmata-io') as {
  Firmata: new (port: EventEmitter, options: object) => FirmataBoard
}

/** The board's serial line as the stream that firmata-io takes for a port. */
function streamOf({ uno }: Rig): EventEmitter {
  const stream = new EventEmitter()
  uno.onSerial(({ byte }) => stream.emit('data', Buffer.of(byte)))
  return Object.assign(stream, {
    write: (bytes: Uint8Array, done?: () => void): void => {
      uno.send(bytes)
      done?.()
    },
  })
}

/** Virtual time, with turns of the event loop for what firmata-io puts off. */
async function turn({ uno }: Rig, ms: number): Promise<void> {
  for (let i = 0; i < ms; i += 5) {
    uno.run(5)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

async function connect(): Promise<{ rig: Rig; board: FirmataBoard }> {
  const rig = createRig({}, 0)
  const board = new Firmata(streamOf(rig), { reportVersionTimeout: 1 })
  let ready = false
  board.once('ready', () => {
    ready = true
  })
  for (let i = 0; i < 20 && !ready; i++) await turn(rig, 20)
  expect(ready).toBe(true)
  return { rig, board }
}

describe('firmata-io on the emulated serial line', () => {
  test('completes its handshake and finds the pins of the specification (BOARD-4)', async () => {
    const { board } = await connect()
    expect(board.version).toEqual({ major: 2, minor: 5 })
    expect(board.firmware).toEqual({ name: 'fieldproof', version: { major: 1, minor: 0 } })
    expect(board.pins).toHaveLength(20)
    expect(board.analogPins).toEqual([14, 15, 16, 17, 18, 19])
    const modes = board.pins.map(({ supportedModes }) => [...supportedModes].sort((a, b) => a - b))
    const reserved = [0, 1, 2, 3, 4, 7]
    for (const pin of reserved) expect(modes[pin]).toEqual([])
    for (const pin of [5, 6, 8, 13]) expect(modes[pin]).toEqual([0, 1, 7, 11])
    expect(modes[14]).toEqual([0, 1, 2, 11])
    expect(modes[18]).toEqual([0, 1, 2, 6, 11])
  })

  test('reads volts and levels, writes a pin and reads it back', async () => {
    const { rig, board } = await connect()
    const values: number[] = []
    const levels: number[] = []
    rig.uno.setAnalog(2, 2.5)
    board.analogRead(2, (value) => values.push(value))
    board.pinMode(8, board.MODES.PULLUP)
    board.digitalRead(8, (level) => levels.push(level))
    await turn(rig, 60)
    rig.uno.setPin(8, false)
    await turn(rig, 20)
    rig.uno.setAnalog(2, 1)
    rig.uno.setPin(8, null)
    await turn(rig, 60)
    expect(new Set(values)).toEqual(new Set([512, 204]))
    expect(values.at(-1)).toBe(204)
    expect(levels.filter((level, i) => level !== levels[i - 1])).toEqual([1, 0, 1])

    board.pinMode(13, board.MODES.OUTPUT)
    board.digitalWrite(13, 1)
    await turn(rig, 20)
    expect(rig.uno.level(13)).toBe(true)
    let answered = false
    board.queryPinState(13, () => {
      answered = true
    })
    await turn(rig, 20)
    expect([answered, board.pins[13]?.state]).toEqual([true, 1])
  })
})

describe('firmata-io on a 1-Wire pin', () => {
  test('finds two thermometers, lets them convert, and reads both as Johnny-Five does (BOARD-40, BOARD-43)', async () => {
    const { rig, board } = await connect()
    const roms = [ds18b20Rom(77), ds18b20Rom(1_000_078)]
    const devices = roms.map((rom, i) => ds18b20({ rom, celsius: () => -7.5 + 30 * i, nowMs: rig.uno.nowMs }))
    connectOneWire(rig.uno, 8, devices)
    const found: (readonly number[])[] = []
    board.sendOneWireConfig(8, true)
    board.sendOneWireSearch(8, (_, all) => found.push(...all))
    await turn(rig, 100)
    expect(found.map(String).sort()).toEqual(roms.map(String).sort())
    for (const rom of roms) {
      board.sendOneWireReset(8)
      board.sendOneWireWrite(8, [...rom], 0x44)
      await turn(rig, 30)
    }
    board.sendOneWireDelay(8, 1)
    await turn(rig, 800)
    const celsius: number[] = []
    for (const rom of roms) {
      board.sendOneWireReset(8)
      board.sendOneWireWriteAndRead(8, [...rom], 0xbe, 2, (_, [low = 0, high = 0]) => {
        celsius.push(((high << 24) >> 16) / 16 + low / 16)
      })
      await turn(rig, 40)
    }
    expect(celsius).toEqual([-7.5, 22.5])
  })
})

describe('Firmata, byte by byte', () => {
  test('the board says protocol version, name and version when it starts, and when it is asked', () => {
    const rig = createRig()
    const name = [...Buffer.from('fieldproof')].flatMap((byte) => [byte, 0])
    const hello = [
      [0xf9, 2, 5],
      [0xf0, 0x79, 1, 0, ...name, 0xf7],
    ]
    expect(rig.messages.map(({ bytes }) => bytes)).toEqual(hello)
    expect(rig.ask([0xf9, 0xf0, 0x79, 0xf7]).map(({ bytes }) => bytes)).toEqual(hello)
  })

  test.each([
    [[], 19],
    [[0, 0], 10],
    [[9, 0], 10],
    [[25, 0], 25],
    [[72, 1], 200],
  ])('sampling interval %j is taken as %i ms (BOARD-2)', (interval, wantMs) => {
    const rig = createRig()
    const change = interval.length === 0 ? [] : [0xf0, 0x7a, ...interval, 0xf7]
    const reports = rig.ask([...change, 0xc1, 1], 6 * wantMs).filter(({ bytes }) => bytes[0] === 0xe1)
    const steps = reports.slice(1).map(({ ms }, i) => ms - (reports[i]?.ms ?? 0))
    expect(steps.length).toBeGreaterThan(2)
    for (const ms of steps.slice(1)) expect(Math.abs(ms - wantMs)).toBeLessThan(1.1)
  })

  test('analog values are those of the pins, 0 to 1023', () => {
    const rig = createRig()
    for (const [channel, volts] of [0, 1, 2.5, 3.3, 4.99, 5].entries()) rig.uno.setAnalog(channel, volts)
    const reports = rig.ask(
      [0, 1, 2, 3, 4, 5].flatMap((channel) => [0xc0 | channel, 1]),
      60,
    )
    const last = new Map(reports.map(({ bytes: [first = 0, ...value] }) => [first & 15, fromGroups(value)]))
    expect([...last].sort(([a], [b]) => a - b).map(([, value]) => value)).toEqual([0, 204, 512, 675, 1021, 1023])
  })

  test('after a reset every pin is an input again, and nothing is reported (BOARD-5)', () => {
    const rig = createRig()
    rig.ask([0xf4, 8, 1, 0xf5, 8, 1, 0xf4, 9, 11, 0xc0, 1, 0xd1, 1])
    expect([rig.uno.level(8), rig.uno.level(9)]).toEqual([true, true])
    rig.ask([0xff])
    expect([rig.uno.level(8), rig.uno.level(9)]).toEqual([false, false])
    expect(rig.ask([], 100)).toEqual([])
    rig.uno.setPin(9, true)
    expect(rig.ask([], 100)).toEqual([])
    expect(rig.ask([0xf0, 0x6d, 8, 0xf7])[0]?.bytes).toEqual([0xf0, 0x6e, 8, 0, 0, 0xf7])
  })

  test('a mode that a pin has not, and a pin that is none, change nothing (BOARD-4)', () => {
    const rig = createRig()
    expect(rig.ask([0xf4, 8, 2, 0xf4, 8, 3, 0xf4, 90, 1, 0xf5, 90, 1, 0xf5, 8, 1, 0xd9, 1, 0xcf, 1])).toEqual([])
    expect(rig.ask([0xf0, 0x6d, 8, 0xf7])[0]?.bytes).toEqual([0xf0, 0x6e, 8, 0, 0, 0xf7])
    expect(rig.ask([0xf0, 0x6d, 7, 0xf7])).toEqual([])
  })

  test('garbage and halves of messages do not hinder the next message (BOARD-3)', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 60 }), (garbage) => {
        const rig = createRig()
        // Half a sysex at the end; the version request interrupts it.
        const said = rig.ask([...garbage, 0xf0, 0x01, 0x05, 0xf9], 400).map(({ bytes }) => bytes)
        expect(said).toContainEqual([0xf9, 2, 5])
        expect(rig.feature(0, [], 40).some(({ command }) => command === 0x40)).toBe(true)
        expect(rig.uno.level(7)).toBe(false)
      }),
      { seed: 3, numRuns: 15 },
    )
  })
})
