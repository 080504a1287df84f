import { FieldproofError } from '@fieldproof/sdk/base'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Uno } from '../../src/avr/index.ts'
import { createUno } from '../../src/avr/index.ts'
import { createModelUno } from '../../src/model/index.ts'
import { fromGroups, HEX, toGroups } from '../avr/rig.ts'

const VERSION = [0xf9, 2, 5]
const OPEN_VALVE = [0xf0, 1, 5, 100, 100, 0, 0, 0xf7]
const IDENTITY = [0xf0, 1, 0, 0xf7]

function refusal(action: () => unknown): string | undefined {
  try {
    action()
  } catch (error) {
    if (error instanceof FieldproofError) return error.code
    throw error
  }
  return undefined
}

function listen(uno: Uno): number[] {
  const heard: number[] = []
  uno.onSerial(({ byte }) => heard.push(byte))
  return heard
}

/** What the board says to these bytes. */
function ask(uno: Uno, bytes: readonly number[], ms = 30): number[] {
  const heard: number[] = []
  const stop = uno.onSerial(({ byte }) => heard.push(byte))
  uno.send(Uint8Array.from(bytes))
  uno.run(ms)
  stop()
  return heard
}

/** Boots and reset cause of an identity reply. */
function bootOf(reply: readonly number[]): [boots: number, cause: number | undefined] {
  return [fromGroups(reply.slice(27, 32)), reply[32]]
}

describe('the model of an Uno', () => {
  test('gives the same bytes at the same times however its time is cut into runs', () => {
    const play = (uno: Uno, run: (ms: number) => void): string[] => {
      const heard: string[] = []
      uno.onSerial(({ byte, ms }) => heard.push(`${byte}@${ms}`))
      uno.at(20, () => uno.send(Uint8Array.of(0xc0, 1, 0xd1, 1, 0xf0, 1, 3, 100, 0, 0, 0xf7)))
      for (let i = 0; i < 50; i++) uno.at(30 + i * 17.3, () => uno.setPin(8, i % 2 === 0))
      run(1000)
      return heard
    }
    const whole = createModelUno()
    const cut = createModelUno()
    const first = play(whole, whole.run)
    const second = play(cut, (ms) => {
      for (let i = 0; i < ms * 10; i++) cut.run(0.1)
    })
    expect(first.length).toBeGreaterThan(150)
    expect(second).toEqual(first)
  })

  test('answers any bytes of a host as the firmware does, but for times and numbers', () => {
    const kindsOf = (heard: readonly number[]): string[] => {
      const messages = String(heard).split(/,?(?=249,|240,)/)
      return messages.map((message) => message.split(',').slice(0, 3).join())
    }
    const word = fc.constantFrom(0xf0, 0xf7, 0xf9, 0x01, 0x79, 0x6b, 0x6d, 0x7a, 0x76, 0x73, 0x05, 0x48, 0x08, 0x00)
    fc.assert(
      fc.property(fc.array(fc.oneof(word, fc.integer({ min: 0, max: 0xbf })), { maxLength: 60 }), (bytes) => {
        const [firmware, model] = [createUno({ hex: HEX }), createModelUno()].map((uno) => {
          uno.run(60)
          return kindsOf(ask(uno, [...bytes, 0xf7, 0xf9], 600))
        })
        expect(model).toEqual(firmware)
      }),
      { seed: 8, numRuns: 60 },
    )
  })

  test('counts boots in its EEPROM as the firmware does, so that either goes on from the other', () => {
    const eeprom = new Uint8Array(1024).fill(0xff)
    const boots: number[] = []
    for (const make of [createModelUno, (more: object) => createUno({ hex: HEX, ...more }), createModelUno]) {
      const uno = make({ eeprom })
      uno.run(60)
      boots.push(bootOf(ask(uno, IDENTITY))[0])
      uno.dtr()
      uno.run(60)
      boots.push(bootOf(ask(uno, IDENTITY))[0])
    }
    expect(boots).toEqual([1, 2, 3, 4, 5, 6])
  })

  test.each([
    ['external', 2],
    ['brown-out', 4],
    ['power', 1],
  ] as const)('says that it was reset by %s', (cause, bit) => {
    const uno = createModelUno()
    uno.run(60)
    uno.reset(cause)
    uno.run(60)
    expect(bootOf(ask(uno, IDENTITY))).toEqual([2, bit])
  })

  test('with a bootloader is deaf after an external reset for more than a second, and knows no cause', () => {
    const uno = createModelUno({ bootloader: true })
    uno.run(60)
    uno.dtr()
    expect(ask(uno, VERSION.slice(0, 1), 1300)).toEqual([])
    expect(uno.lostBytes()).toBe(1)
    uno.run(200)
    expect(bootOf(ask(uno, IDENTITY))).toEqual([2, 0])
  })

  test('without power says nothing, floats its pins, and boots when it has power again', () => {
    const uno = createModelUno()
    uno.run(60)
    ask(uno, OPEN_VALVE)
    expect(uno.level(7)).toBe(true)
    uno.powerOff()
    expect([uno.level(7), uno.level(2)]).toEqual([false, false])
    uno.dtr()
    expect(ask(uno, [0xf9], 100)).toEqual([])
    const heard = listen(uno)
    uno.powerOn()
    uno.powerOn()
    uno.run(60)
    expect(heard.slice(0, 3)).toEqual(VERSION)
    expect(bootOf(ask(uno, IDENTITY))).toEqual([2, 1])
  })

  test('when hung keeps its valve open and says nothing until it is reset', () => {
    const uno = createModelUno()
    uno.run(60)
    ask(uno, OPEN_VALVE)
    uno.hang()
    expect(ask(uno, [0xf9], 60_000)).toEqual([])
    expect(uno.level(7)).toBe(true)
    uno.dtr()
    expect(uno.level(7)).toBe(false)
    uno.run(60)
    expect(ask(uno, [0xf9])).toEqual(VERSION)
  })

  test('is not understood at another rate, in either direction, and again at its own', () => {
    const uno = createModelUno({ baudRateBps: 9600 })
    const heard = listen(uno)
    uno.run(60)
    expect(String(heard)).not.toContain(String(VERSION))
    expect(ask(uno, OPEN_VALVE, 100)).not.toContain(0x44)
    expect(uno.level(7)).toBe(false)
    uno.setBaudRate(57_600)
    expect(ask(uno, [0xf9])).toEqual(VERSION)
  })

  test('passes an hour from event to event, and closes its valve in it', () => {
    const uno = createModelUno()
    uno.run(60)
    const closedMs: number[] = []
    uno.onPin(7, ({ level, ms }) => {
      if (!level) closedMs.push(ms)
    })
    const openedMs = uno.nowMs()
    uno.send(Uint8Array.of(0xf0, 1, 5, ...toGroups(3_599_000, 4), 0xf7))
    uno.run(3_600_000)
    expect(closedMs).toHaveLength(1)
    expect((closedMs[0] ?? 0) - openedMs).toBeGreaterThan(3_599_000)
    expect((closedMs[0] ?? 0) - openedMs).toBeLessThan(3_599_003)
  })

  test('refuses pins, volts, times and memories that an Uno has not', () => {
    const uno = createModelUno()
    uno.run(10)
    expect(refusal(() => uno.setPin(20, true))).toBe('out-of-range')
    expect(refusal(() => uno.level(-1))).toBe('out-of-range')
    expect(refusal(() => uno.setAnalog(6, 1))).toBe('out-of-range')
    expect(refusal(() => uno.run(-1))).toBe('out-of-range')
    expect(refusal(() => uno.at(0, () => {}))).toBe('out-of-range')
    expect(refusal(() => uno.setBaudRate(0))).toBe('out-of-range')
    expect(refusal(() => createModelUno({ eeprom: new Uint8Array(512) }))).toBe('wrong-length')
    expect(refusal(() => createModelUno({ buildId: new Uint8Array(7) }))).toBe('wrong-length')
  })
})
