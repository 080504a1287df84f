/** What a board says that lies, or is none at all, ends nothing but its own connection, and nothing of it lasts. */
import { createVirtualClock } from '@fieldproof/sdk/testing'
import { describe, expect, it } from 'vitest'
import { connectBoard, type FirmataIo } from '../../src/index.ts'
import { createRig, isDone, type Rig } from './rig.ts'
import { createScriptedBoard } from './scripted-board.ts'

const sysex = (...data: number[]): number[] => [0xf0, ...data, 0xf7]
const repeat = (times: number, byte: number): number[] => Array.from({ length: times }, () => byte)

/** Messages that firmata-io stumbles over, and others that it believes. */
const HOSTILE: readonly (readonly [what: string, bytes: readonly number[]])[] = [
  ['the state of a pin that does not exist', sysex(0x6e, 0x7f, 1, 1)],
  ['the state of no pin', sysex(0x6e)],
  ['capabilities again', sysex(0x6c, 0, 1, 0x7f)],
  ['capabilities of 2000 pins', sysex(0x6c, ...repeat(2000, 0x7f))],
  ['a mapping of more pins than there are', sysex(0x6a, ...repeat(200, 1))],
  ['a mapping again', sysex(0x6a, ...repeat(20, 1))],
  ['a sysex that names itself without end', sysex(0x73, 0x73)],
  ['a pin state in a 1-Wire message', sysex(0x73, 0x6e, 0x7f)],
  ['a name that has no length', sysex(0x79)],
  ['half a name', sysex(0x79, 1, 0, 0x66)],
  ['an I2C answer without data', sysex(0x77)],
  ['half an I2C answer', sysex(0x77, 0x76, 0, 1)],
  ['an empty sysex', sysex()],
  ['a sysex of 100 kB', sysex(0x71, ...repeat(100_000, 1))],
  ['a sysex that does not end', [0xf0, ...repeat(5_000, 1)]],
  ['a 1-Wire answer of half an address', sysex(0x73, 0x42, 8, 1, 2, 3)],
  ['texts', sysex(0x71, ...repeat(60, 0x41))],
  ['an unknown status', [0xf5, 1, 2, 0x80, 0xc0, 0xff, 0xfe]],
  ['a feature reply without content', sysex(0x01)],
  ['a feature reply of an unknown command', sysex(0x01, ...repeat(30, 0x7f))],
  ['an identity of another protocol', sysex(0x01, 0x40, ...repeat(40, 2))],
  ['a digital report of every port', Array.from({ length: 16 }, (_, port) => [0x90 | port, 0x7f, 1]).flat()],
  ['analog reports of every channel', Array.from({ length: 16 }, (_, channel) => [0xe0 | channel, 0x7f, 0x7f]).flat()],
]

async function connected(): Promise<Rig> {
  const rig = createRig()
  while (rig.station.board.session === null) await rig.clock.advance(10)
  await rig.clock.advance(3_000)
  return rig
}

describe('a hostile message', () => {
  it.each(HOSTILE)('%s costs a row at most', async (_what, bytes) => {
    const rig = await connected()
    for (let i = 0; i < 5; i++) {
      rig.board.inject(...bytes)
      await rig.clock.advance(700)
    }
    rig.board.inject(0xf7)
    await rig.clock.advance(15_000)
    const [last] = rig.measured().slice(-1)
    expect(rig.clock.now() - (last?.time ?? 0)).toBeLessThan(2_500)
    for (const { reading } of rig.measured()) expect(reading['air_raw']).toBe(200)
    expect(await rig.end()).toBe(true)
    expect(rig.clock.timers).toBe(0)
  })

  it.each(HOSTILE)('%s during the handshake costs a connection at most', async (_what, bytes) => {
    const rig = createRig()
    for (let i = 0; i < 10; i++) {
      rig.board.inject(...bytes)
      await rig.clock.advance(3)
    }
    await rig.clock.advance(60_000)
    expect(rig.measured().length).toBeGreaterThan(20)
    for (const { reading } of rig.measured()) expect(reading['air_raw']).toBe(200)
    expect(await rig.end()).toBe(true)
  })

  it('makes nothing of firmata-io grow', async () => {
    const rig = await connected()
    const io = rig.station.board.session?.io as FirmataIo
    for (let i = 0; i < 200; i++) for (const [, bytes] of HOSTILE.slice(0, 8)) rig.board.inject(...bytes)
    rig.board.inject(0xe0, 0, 0)
    expect([io.buffer.length < 3_000, io.analogPins.length <= 40, io.pins.length]).toEqual([true, true, 20])
    expect(await rig.end()).toBe(true)
  })
})

describe('capabilities that lie in the handshake', () => {
  it.each([
    ['no pins', sysex(0x6c)],
    ['2000 pins', sysex(0x6c, ...repeat(2000, 0x7f))],
    ['modes that there are not', sysex(0x6c, ...Array.from({ length: 20 }, () => [0x75, 0x7f, 0x7f]).flat())],
  ])('%s: the board is used or refused, and no promise is lost', async (_what, lie) => {
    const clock = createVirtualClock()
    const board = createScriptedBoard(clock)
    board.carries = (message) => (message[1] === 0x6c ? Uint8Array.from(lie) : message)
    const connecting = connectBoard({ open: board.open, clock, epoch: 1 })
    expect(await isDone(connecting, clock)).toBe(true)
    const { session, close } = await connecting.catch(() => ({ session: null, close: async () => undefined }))
    const writing = session?.digitalWrite(13, true) ?? Promise.reject(new Error('refused'))
    writing.catch(() => undefined)
    expect(await isDone(writing, clock)).toBe(true)
    expect(await isDone(close(), clock)).toBe(true)
    expect(clock.timers).toBe(0)
  })
})

describe("somebody's listener that throws", () => {
  it('neither deafens firmata-io nor ends the process', async () => {
    const rig = await connected()
    const io = rig.station.board.session?.io as FirmataIo
    let isBad = true
    let heard = 0
    io.on('analog-read-0', () => {
      if (isBad) throw new Error("a component's bug")
      heard++
    })
    io.on('close', () => {
      throw new Error("another component's bug")
    })
    await rig.clock.advance(1_000)
    isBad = false
    await rig.clock.advance(5_000)
    expect(heard).toBeGreaterThan(10)
    rig.board.unplug()
    await rig.clock.advance(5_000)
    expect(rig.measured().at(-1)?.reading).toMatchObject({ boardEpoch: 2 })
    expect(await rig.end()).toBe(true)
  })
})
