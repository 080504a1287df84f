/** Nothing is recorded that no sensor said then. */
import { describe, expect, it } from 'vitest'
import type { BoardSession } from '../../src/index.ts'
import { createRig, type Rig, sensorOf, THERMOMETER } from './rig.ts'

/** What A0 read from which time on; rows may tell what was true in the two seconds before them. */
function truthOf({ clock, board }: Rig) {
  const said: { readonly ms: number; readonly value: number }[] = [{ ms: clock.now(), value: board.analog[0] ?? 0 }]
  return {
    set: (value: number) => {
      board.analog[0] = value
      said.push({ ms: clock.now(), value })
    },
    falseRows: (rig: Rig) =>
      rig.measured().filter(({ time, reading }) => {
        const before = said.findLast(({ ms }) => ms <= time - 2_000) ?? said[0]
        const since = said.filter(({ ms }) => ms > time - 2_000 && ms <= time)
        return ![before, ...since].some((one) => one?.value === reading['air_raw'])
      }),
  }
}

const isCommand =
  (command: number) =>
  (message: Uint8Array): boolean =>
    message[0] === 0xf0 && message[1] === 1 && message[2] === command

describe('a process that was stopped for ten minutes', () => {
  it('does not take what waited in its computer for what is measured now', async () => {
    const rig = createRig()
    const truth = truthOf(rig)
    await rig.clock.advance(5_300)
    rig.host.stop()
    rig.board.buffer(true)
    for (let i = 0; i < 60; i++) {
      truth.set(300 + i)
      await rig.clock.advance(10_000)
    }
    rig.host.go()
    await rig.clock.advance(0) // timers first, then what they have promised, then what is read
    rig.board.buffer(false)
    await rig.clock.advance(60_000)
    expect(truth.falseRows(rig)).toEqual([])
    expect(rig.measured().at(-1)?.reading).toMatchObject({ air_raw: 359 })
    expect(await rig.end()).toBe(true)
  })

  it.each([1, 2, 3, 4, 5, 6, 7, 8, 10, 15, 20, 30, 40, 45, 50, 52, 54, 56, 58, 60])(
    'does not either when it was stopped %d ms after a row was due',
    async (ms) => {
      const rig = createRig()
      const truth = truthOf(rig)
      await rig.clock.advance(100)
      while (rig.measured().length < 3) await rig.clock.advance(1)
      const { time } = rig.measured()[2] ?? { time: 0 }
      const spent = rig.clock.now() - time
      await rig.clock.advance(1_000 - 60 - spent + ms)
      rig.host.stop()
      rig.board.buffer(true)
      await rig.clock.advance(1_000)
      truth.set(400)
      await rig.clock.advance(600_000)
      rig.host.go()
      await rig.clock.advance(0) // timers first, then what they have promised, then what is read
      rig.board.buffer(false)
      await rig.clock.advance(30_000)
      expect(truth.falseRows(rig)).toEqual([])
      expect(rig.measured().at(-1)?.reading).toMatchObject({ air_raw: 400 })
      expect(await rig.end()).toBe(true)
    },
  )
})

describe('an answer that comes too late', () => {
  it('is not taken for the answer to the next question of its kind', async () => {
    const asked: number[] = []
    const heard: number[] = []
    const sensor = sensorOf(
      {
        start: async (session: BoardSession) => ({
          read: async () => {
            await session.counters().catch(() => undefined) // times out: the board is busy
            asked.push(rig.board.pulses[0])
            const { pulses } = await session.counters()
            heard.push(pulses[0])
            return { values: { rain: pulses[0] } }
          },
        }),
      },
      ['rain'],
    )
    const rig = createRig({ sensors: { gauge: sensor }, everyMs: 2_000 })
    await rig.clock.advance(1_000)
    let asks = 0
    rig.board.hears = (message) => {
      rig.board.latencyMs = isCommand(0x01)(message) && asks++ % 2 === 0 ? 600 : 2
      return true
    }
    const wasOpened = rig.board.openings()
    for (let i = 0; i < 200; i++) {
      await rig.clock.advance(100)
      rig.board.pulses[0]++
    }
    expect(rig.board.openings()).toBe(wasOpened)
    expect(heard.length).toBeGreaterThan(3)
    for (const [i, pulses] of heard.entries()) expect(pulses).toBeGreaterThanOrEqual(asked[i] ?? 0)
    expect(await rig.end()).toBe(true)
  })
})

describe('a value that was garbled on the line', () => {
  it('is not recorded because another driver has asked for the check in between', async () => {
    let starts = 0
    const restless = sensorOf(
      {
        start: async (session: BoardSession) => {
          starts++
          await session.check().catch(() => undefined)
          return {
            read: async () => {
              await session.check().catch(() => undefined)
              return { values: { one: 1 } }
            },
          }
        },
      },
      ['one'],
    )
    const rig = createRig({ sensors: { ...THERMOMETER, restless } })
    rig.board.carries = (message) => (message[0] === 0xe0 ? Uint8Array.of(0xe0, 99, 1) : message)
    await rig.clock.advance(20_000)
    expect(starts).toBeGreaterThan(0)
    expect(rig.measured().map(({ reading }) => reading['air_raw'])).toEqual([])
    rig.board.carries = (message) => message
    await rig.clock.advance(5_000)
    expect(rig.measured().at(-1)?.reading).toMatchObject({ air_raw: 200, restless_one: 1 })
    expect(await rig.end()).toBe(true)
  })

  it('is not recorded as that of a stranger whose line nobody checks, because the name was garbled', async () => {
    const rig = createRig({ allowForeignFirmware: true })
    let names = 0
    rig.board.carries = (message) =>
      message[0] === 0xf0 && message[1] === 0x79 && names++ < 1
        ? message.with(4, message[4] === 0x66 ? 0x67 : 0x66)
        : message
    await rig.clock.advance(20_000)
    expect(rig.measured().length).toBeGreaterThan(3)
    for (const { reading } of rig.measured()) expect(reading['boardBoots']).not.toBe(null)
    expect(await rig.end()).toBe(true)
  })
})

describe('a row that took long to measure', () => {
  it('is not recorded at a time at which its first value was long past', async () => {
    let release: (value: { values: { slow: number } }) => void = () => undefined
    const slow = sensorOf(
      {
        start: async () => ({
          read: () =>
            new Promise<{ values: { slow: number } }>((resolve) => {
              release = resolve
            }),
        }),
      },
      ['slow'],
    )
    const rig = createRig({ sensors: { ...THERMOMETER, slow } })
    await rig.clock.advance(3_000)
    rig.host.stop()
    rig.board.buffer(true)
    await rig.clock.advance(60_000)
    release({ values: { slow: 1 } })
    rig.host.go()
    await rig.clock.advance(0) // timers first, then what they have promised, then what is read
    rig.board.buffer(false)
    await rig.clock.advance(500)
    const wakeMs = rig.clock.now()
    expect(rig.measured().filter(({ time }) => time > wakeMs - 1_000)).toEqual([])
    expect(await rig.end()).toBe(true)
  })
})

describe('a chip that was reset at once after it was connected', () => {
  it('gives no row of the boot before', async () => {
    for (let delayMs = 0; delayMs < 400; delayMs += 20) {
      const rig = createRig({ everyMs: 500 })
      while (rig.board.openings() === 0) await rig.clock.advance(1)
      while (!rig.events.some(({ event }) => event === 'board-up')) await rig.clock.advance(1)
      await rig.clock.advance(delayMs)
      rig.board.carries = (message) => (message[1] === 0x79 ? new Uint8Array(0) : message) // its hello is lost
      rig.board.reset()
      rig.board.carries = (message) => message
      const resetMs = rig.clock.now()
      await rig.clock.advance(10_000)
      const wrong = rig.measured().filter(({ time, reading }) => time > resetMs && reading['boardBoots'] === 1)
      expect([delayMs, wrong]).toEqual([delayMs, []])
      expect(await rig.end()).toBe(true)
    }
  })
})
