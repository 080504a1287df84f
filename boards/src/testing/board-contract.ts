/**
 * What every board must do, whatever it is made of: firmware in an emulated chip, a model of it, a real board. Adapters for other
 * boards run it too: `boardContract({ describe, it, expect }, 'my board', makePlace)`.
 */
import type { Clock } from '@fieldproof/sdk/machine'
import type { TestApi } from '@fieldproof/sdk/testing'
import { type ConnectedBoard, connectBoard } from '../board/connect.ts'
import type { OpenLine } from '../line/index.ts'

/** Hands on the world around a board; a real one has none, and the tests that need them are then left out, by name. */
export interface BoardHands {
  /** Volts at A0 to A5. */
  setAnalog(channel: number, volts: number): void
  /** Closes the contact of a counter (0 to 2) so many times, slowly enough for its debounce time. */
  pulse(counter: 0 | 1 | 2, times: number): Promise<void>
  /** Level that drives a digital pin from outside. */
  setPin(pin: number, level: boolean): void
  level(pin: number): boolean
  /** Puts a device of one register, 0xd0 = 0x60, at I2C address 0x40, or takes it away. */
  plugDevice(isThere: boolean): void
  /** Presses the reset button. */
  reset(): void
  /** The chip stops, with its outputs as they are. */
  hang(): void
  unplug(): void | Promise<void>
  plug(): void | Promise<void>
  /** Puts these bytes on the line to the host, between two messages of the board. */
  inject(bytes: Uint8Array): void
}

/** A board under test. */
export interface BoardPlace {
  readonly open: OpenLine
  readonly clock: Clock
  readonly hands: BoardHands | null
  /** Lets the place's time pass until the promise settles. */
  until<T>(promise: Promise<T>): Promise<T>
  pass(ms: number): Promise<void>
  close(): Promise<void>
}

/** What a board can do. */
export interface BoardAbilities {
  /** It runs our firmware, or a model of it. */
  readonly isOurs: boolean
}

type Body = (connected: ConnectedBoard, place: BoardPlace, hands: BoardHands) => Promise<void>

const CONNECTED_MS = 7_000

/** Adds the suite. `makePlace` is called once a test. Prints what is left out, and why. */
export function boardContract(
  api: TestApi,
  name: string,
  abilities: BoardAbilities,
  makePlace: () => Promise<BoardPlace>,
): void {
  const { describe, it, expect } = api
  const connect = (place: BoardPlace, epoch = 1): Promise<ConnectedBoard> =>
    place.until(connectBoard({ open: place.open, clock: place.clock, epoch }))

  const test = (title: string, needs: 'hands' | 'nothing', body: Body): void => {
    it(title, async () => {
      const place = await makePlace()
      try {
        if (needs === 'hands' && place.hands === null) {
          console.log(`left out on ${name}, nobody can touch it: ${title}`)
          return
        }
        const connected = await connect(place)
        try {
          await body(connected, place, place.hands as BoardHands)
        } finally {
          await place.until(connected.close())
        }
      } finally {
        await place.close()
      }
    })
  }
  const ours = abilities.isOurs ? test : () => undefined
  const foreign = abilities.isOurs ? () => undefined : test

  describe(`board contract: ${name}`, () => {
    test('says which firmware it runs, and is ready for Johnny-Five', 'nothing', async ({ session }, place) => {
      expect(session.firmware.name.length).toBeGreaterThan(0)
      expect(session.identity !== null).toBe(abilities.isOurs)
      expect(session.io.isReady).toBe(true)
      const board = await place.until(session.johnnyFive())
      expect(board.io).toBe(session.io)
      expect(board.isReady).toBe(true)
    })

    test(
      'reads an analog pin anew each time, and never what it was before',
      'hands',
      async ({ session }, place, hands) => {
        for (const volts of [1, 4, 2.5, 0]) {
          hands.setAnalog(0, volts)
          await place.pass(5) // a conversion under way may still see the volts from before
          const value = await place.until(session.analogRead(0))
          expect(Math.abs(value - Math.min(1023, Math.floor((volts / 5) * 1024)))).toBeLessThanOrEqual(2)
        }
      },
    )

    test('drives a digital pin and reads it back', 'nothing', async ({ session }, place) => {
      for (const level of [true, false]) {
        await place.until(session.digitalWrite(13, level))
        if (place.hands !== null) expect(place.hands.level(13)).toBe(level)
      }
    })

    test('reads a register of an I2C device', 'hands', async ({ session }, place, hands) => {
      hands.plugDevice(true)
      const id = await place.until(session.i2cRead(0x40, 0xd0, 1))
      expect([...id]).toEqual([0x60])
    })

    test(
      'gives no bytes of an I2C device that is not there, nor of one that has gone',
      'hands',
      async ({ session }, place, hands) => {
        await expect(place.until(session.i2cRead(0x40, 0xd0, 1))).rejects.toMatchObject({ code: 'sensor-silent' })
        hands.plugDevice(true)
        await place.until(session.i2cRead(0x40, 0xd0, 1))
        hands.plugDevice(false)
        for (let i = 0; i < 3; i++) {
          await expect(place.until(session.i2cRead(0x40, 0xd0, 1))).rejects.toMatchObject({ code: 'sensor-silent' })
        }
      },
    )

    test(
      'ends the session when the cable is pulled, fails every command after that, and connects again',
      'hands',
      async (connected, place, hands) => {
        const { session } = connected
        await hands.unplug()
        expect(await place.until(connected.ended)).toMatchObject({ code: 'board-disconnected' })
        expect(session.signal.aborted).toBe(true)
        await expect(place.until(session.analogRead(0))).rejects.toMatchObject({ code: 'board-disconnected' })
        await expect(place.until(session.digitalWrite(13, true))).rejects.toMatchObject({ code: 'command-failed' })
        await expect(place.until(session.check())).rejects.toMatchObject({ code: 'board-disconnected' })
        await expect(connect(place)).rejects.toMatchObject({ code: 'port-unavailable' })
        await hands.plug()
        const again = await connect(place, 2)
        expect(again.session.epoch).toBe(2)
        await place.until(again.close())
      },
    )

    test('ends the session when the chip was reset', 'hands', async (connected, place, hands) => {
      await place.pass(2_000)
      hands.reset()
      expect(await place.until(connected.ended)).toMatchObject({ code: 'board-restarted' })
    })

    test('ends the session when the chip hangs', 'hands', async (connected, place, hands) => {
      hands.hang()
      expect(await place.until(connected.ended)).toMatchObject({ code: 'board-silent' })
    })

    test('stays connected while nobody asks anything', 'nothing', async ({ session }, place) => {
      await place.pass(CONNECTED_MS)
      expect(session.signal.aborted).toBe(false)
      await place.until(session.check())
    })

    test(
      'throws away what was read around garbage on the line, and goes on',
      'hands',
      async ({ session }, place, hands) => {
        await place.until(session.check())
        hands.inject(Uint8Array.of(0x12, 0xe0, 0xf0, 0x77, 0x40))
        await place.pass(10)
        await expect(place.until(session.check())).rejects.toMatchObject({ code: 'board-garbled' })
        await place.until(session.check())
      },
    )

    ours(
      'notices a message that nobody sent, although it looks like one (BOARD-9)',
      'hands',
      async ({ session }, place, hands) => {
        await place.until(session.check())
        hands.inject(Uint8Array.of(0xe0, 0x7f, 0x07))
        await place.pass(10)
        await expect(place.until(session.check())).rejects.toMatchObject({ code: 'board-garbled' })
        await place.until(session.check())
      },
    )

    ours(
      'counts pulses on three counters by the board (BOARD-20, BOARD-21)',
      'hands',
      async ({ session }, place, hands) => {
        const before = await place.until(session.counters())
        await hands.pulse(0, 3)
        await hands.pulse(1, 5)
        await hands.pulse(2, 7)
        const { pulses, boardMs } = await place.until(session.counters())
        expect(pulses.map((count, i) => count - (before.pulses[i] ?? 0))).toEqual([3, 5, 7])
        expect(boardMs).toBeGreaterThan(before.boardMs)
      },
    )

    ours('sets a debounce time and says so', 'nothing', async ({ session }, place) => {
      await place.until(session.setDebounce(0, 100_000))
      await expect(place.until(session.setDebounce(0, 3_000_000))).rejects.toMatchObject({ code: 'out-of-range' })
    })

    ours(
      'opens the valve for a time, and closes it by itself (BOARD-11, BOARD-14)',
      'nothing',
      async ({ session }, place) => {
        const said: string[] = []
        session.onValve(({ state }) => said.push(state))
        const open = await place.until(session.openValve(300))
        expect(open).toMatchObject({ isOpen: true, state: 'open' })
        if (place.hands !== null) expect(place.hands.level(7)).toBe(true)
        await place.pass(400)
        expect(said).toEqual(['time-over'])
        expect(await place.until(session.valve())).toMatchObject({ isOpen: false, state: 'time-over', remainingMs: 0 })
        if (place.hands !== null) expect(place.hands.level(7)).toBe(false)
      },
    )

    ours(
      'closes the valve, and reports failure after the cable was pulled',
      'hands',
      async (connected, place, hands) => {
        const { session } = connected
        await place.until(session.openValve(60_000))
        expect(await place.until(session.closeValve())).toMatchObject({ isOpen: false, state: 'closed-by-host' })
        await hands.unplug()
        await place.until(connected.ended)
        await expect(place.until(session.openValve(1_000))).rejects.toMatchObject({ code: 'command-failed' })
        await expect(place.until(session.closeValve())).rejects.toMatchObject({ code: 'command-failed' })
      },
    )

    ours('says that nobody answers on a 1-Wire pin', 'hands', async ({ session }, place) => {
      await expect(place.until(session.oneWireSearch(9))).rejects.toMatchObject({ code: 'sensor-silent' })
    })

    ours('counts its boots', 'hands', async (connected, place, hands) => {
      const before = connected.session.identity?.boots ?? 0
      await place.until(connected.close())
      hands.reset()
      await place.pass(100)
      const again = await connect(place, 2)
      expect(again.session.identity?.boots ?? 0).toBeGreaterThan(before)
      await place.until(again.close())
    })

    foreign('refuses what only our firmware can do', 'nothing', async ({ session }, place) => {
      await expect(place.until(session.counters())).rejects.toMatchObject({ code: 'board-firmware' })
      await expect(place.until(session.openValve(1000))).rejects.toMatchObject({ code: 'board-firmware' })
    })
  })
}
