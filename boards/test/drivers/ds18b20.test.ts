import { toHex } from '@fieldproof/sdk/base'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { celsiusOf } from '../../src/drivers/ds18b20.ts'
import { ds18b20 } from '../../src/drivers/index.ts'
import { crc8Maxim } from '../../src/protocol/index.ts'
import { fakeSession, silent } from './fake-session.ts'

const SEED = 20260103
const withCheck = (...bytes: number[]): Uint8Array => Uint8Array.of(...bytes, crc8Maxim(Uint8Array.from(bytes)))
const romOf = (serial: number, family = 0x28): Uint8Array => withCheck(family, serial, 2, 3, 4, 5, 6)
const scratchpad = (raw: number, config = 0x7f): Uint8Array =>
  withCheck(raw & 0xff, (raw >> 8) & 0xff, 0x4b, 0x46, config, 0xff, 0x0c, 0x10)

/** A sensor whose conversions take their 750 ms; a question for the counters takes `askMs`. */
function world(options: { roms?: readonly Uint8Array[]; askMs?: number } = {}) {
  const state = {
    ms: 1_000,
    celsius: 20,
    raw: 0x0550,
    doneMs: Number.POSITIVE_INFINITY,
    answer: scratchpad,
    asked: '',
    isDeaf: false,
  }
  const session = fakeSession({
    oneWireSearch: async () => options.roms ?? [romOf(1)],
    counters: async () => {
      state.ms += options.askMs ?? 6
      return { pulses: [0, 0, 0], boardMs: state.ms }
    },
    oneWireTransfer: async (_pin, rom, [command]) => {
      state.asked = rom === null ? 'all' : toHex(rom)
      if (state.ms >= state.doneMs) {
        state.raw = Math.round(state.celsius * 16)
        state.doneMs = Number.POSITIVE_INFINITY
      }
      if (command === 0x44 && !state.isDeaf) state.doneMs = state.ms + 750
      return command === 0xbe ? state.answer(state.raw) : Uint8Array.of(state.isDeaf ? 0xff : 0)
    },
  })
  return { state, session }
}

describe('a scratchpad', () => {
  it.each([
    [0x07d0, 125],
    [0x0191, 25.0625],
    [0x00a2, 10.125],
    [0x0008, 0.5],
    [0x0000, 0],
    [0xfff8, -0.5],
    [0xff5e, -10.125],
    [0xfe6f, -25.0625],
    [0xfc90, -55],
  ])("reads %i as %d Cel, as the data sheet's table does", (raw, celsius) => {
    expect(celsiusOf(scratchpad(raw))).toBe(celsius)
  })

  it('leaves out the bits that a lower resolution does not fill', () => {
    expect(celsiusOf(scratchpad(0x0197, 0x1f))).toBe(25)
    expect(celsiusOf(scratchpad(0x0197, 0x3f))).toBe(25.25)
    expect(celsiusOf(scratchpad(0x0197, 0x5f))).toBe(25.375)
  })

  it('is refused after a loss of power, when it says 85 Cel', () => {
    expect(() => celsiusOf(scratchpad(0x0550))).toThrow(/loss of power/)
  })

  it.each([
    ['zeros, whose check digit is right', new Uint8Array(9)],
    ['ones', new Uint8Array(9).fill(0xff)],
    ['another chip', scratchpad(0x0191, 0xff)],
    ['-127 Cel', scratchpad(0xf810)],
    ['126 Cel', scratchpad(0x07e0)],
    ['eight bytes', scratchpad(0x0191).subarray(0, 8)],
  ])('is refused when it is %s', (_name, bytes) => {
    expect(() => celsiusOf(bytes)).toThrow(/sensor-invalid/)
  })

  it('is refused with any one bit changed', () => {
    fc.assert(
      fc.property(fc.integer({ min: -880, max: 2000 }), fc.integer({ min: 0, max: 71 }), (raw, bit) => {
        const bytes = scratchpad(raw & 0xffff)
        bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        expect(() => celsiusOf(bytes)).toThrow(/check digit/)
      }),
      { seed: SEED, numRuns: 300 },
    )
  })
})

describe('a DS18B20', () => {
  it('waits for the first conversion of a session, and never gives the value from power-up', async () => {
    const { session } = world()
    const sensor = await ds18b20({ pin: 'D8' }).driver.start(session)
    expect((await sensor.read()).values).toEqual({ temperature: 20 })
  })

  it('gives the conversion that the reading before has started', async () => {
    const { state, session } = world()
    const sensor = await ds18b20({ pin: 'D8' }).driver.start(session)
    await sensor.read()
    state.ms += 5_000
    await session.oneWireTransfer(8, null, Uint8Array.of(), 0) // the conversion ends at 20
    state.celsius = 22
    expect((await sensor.read()).values).toEqual({ temperature: 20 })
    state.ms += 5_000
    expect((await sensor.read()).values).toEqual({ temperature: 22 })
  })

  it('does not give one that is older than ten seconds, because its process was stopped', async () => {
    const { state, session } = world()
    const sensor = await ds18b20({ pin: 'D8' }).driver.start(session)
    await sensor.read()
    state.ms += 600_000
    await session.oneWireTransfer(8, null, Uint8Array.of(), 0) // the conversion ends at 20
    state.celsius = 22
    expect((await sensor.read()).values).toEqual({ temperature: 22 })
  })

  it('does not give the value from before when it has not understood that it is to measure', async () => {
    const { state, session } = world()
    const sensor = await ds18b20({ pin: 'D8' }).driver.start(session)
    await sensor.read()
    state.ms += 2_000
    state.isDeaf = true
    await expect(sensor.read()).rejects.toMatchObject({ code: 'sensor-invalid' })
    state.isDeaf = false
    state.celsius = 22
    expect((await sensor.read()).values).toEqual({ temperature: 22 })
  })

  it('does not give the same conversion twice when a reading failed between', async () => {
    const { state, session } = world()
    const sensor = await ds18b20({ pin: 'D8' }).driver.start(session)
    await sensor.read()
    state.ms += 10_000
    state.answer = () => new Uint8Array(9).fill(0xff)
    await expect(sensor.read()).rejects.toMatchObject({ code: 'sensor-invalid' })
    state.answer = scratchpad
    state.celsius = 30
    expect((await sensor.read()).values).toEqual({ temperature: 30 })
  })

  it('gives up on a board whose time stands still', async () => {
    const sensor = await ds18b20({ pin: 'D8' }).driver.start(world({ askMs: 0 }).session)
    await expect(sensor.read()).rejects.toMatchObject({ code: 'sensor-invalid' })
  })

  it('speaks to the one sensor that it has found or was told of', async () => {
    const one = world()
    await (await ds18b20({ pin: 'D8' }).driver.start(one.session)).read()
    expect(one.state.asked).toBe(toHex(romOf(1)))
    const two = world({ roms: [romOf(1), romOf(2)] })
    await (await ds18b20({ pin: 'D8', rom: toHex(romOf(2)) }).driver.start(two.session)).read()
    expect(two.state.asked).toBe(toHex(romOf(2)))
  })

  it('wants to be told which, when there are two', async () => {
    const { session } = world({ roms: [romOf(1), romOf(2)] })
    await expect(ds18b20({ pin: 'D8' }).driver.start(session)).rejects.toMatchObject({
      code: 'sensor-mismatch',
      facts: { pin: 'D8', found: `${toHex(romOf(1))} ${toHex(romOf(2))}` },
    })
  })

  it('is refused when it is another chip', async () => {
    const { session } = world({ roms: [romOf(1, 0x10)] })
    await expect(ds18b20({ pin: 'D8' }).driver.start(session)).rejects.toMatchObject({ code: 'sensor-mismatch' })
  })

  it('is silent when none answers, or another one than the one that is wanted', async () => {
    const none = fakeSession({ oneWireSearch: () => Promise.reject(silent()) })
    await expect(ds18b20({ pin: 'D8' }).driver.start(none)).rejects.toMatchObject({ code: 'sensor-silent' })
    await expect(ds18b20({ pin: 'D8' }).driver.start(world({ roms: [] }).session)).rejects.toMatchObject({
      code: 'sensor-silent',
    })
    const other = ds18b20({ pin: 'D8', rom: toHex(romOf(9)) }).driver.start(world().session)
    await expect(other).rejects.toMatchObject({ code: 'sensor-silent', facts: { found: toHex(romOf(1)) } })
  })

  it.each(['', '28', 'zz'.repeat(8), toHex(romOf(1, 0x10)), toHex(romOf(1)).replace(/..$/, '00')])(
    'cannot be configured with %s for a ROM code',
    (rom) => {
      expect(() => ds18b20({ pin: 'D8', rom })).toThrow(/config-invalid/)
    },
  )
})

describe('the check of 1-Wire', () => {
  it("gives the check digit of Maxim's example", () => {
    expect(crc8Maxim(Uint8Array.of(0x02, 0x1c, 0xb8, 0x01, 0, 0, 0))).toBe(0xa2)
    expect(crc8Maxim(new TextEncoder().encode('123456789'))).toBe(0xa1)
  })
})
