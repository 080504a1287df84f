import { FieldproofError } from '@fieldproof/sdk/base'
import { describe, expect, test } from 'vitest'
import { createUno, readIntelHex } from '../../src/avr/index.ts'
import { createRig, HEX } from './rig.ts'

function refusal(action: () => unknown): string | undefined {
  try {
    action()
  } catch (error) {
    if (error instanceof FieldproofError) return error.code
    throw error
  }
  return undefined
}

/** A second with stimuli and a reset in it: everything that the board sends, with its times. */
function transcript(): string {
  const { uno } = createRig({}, 0)
  const sent: string[] = []
  uno.onSerial(({ byte, ms }) => sent.push(`${byte}@${ms}`))
  uno.at(80, () => uno.send(Uint8Array.of(0xc0, 1, 0xd1, 1, 0xf0, 1, 3, 100, 0, 0, 0xf7)))
  for (let i = 0; i < 50; i++) {
    uno.at(100 + i * 17.3, () => uno.setPin(3, i % 2 === 0))
    uno.at(105 + i * 13.7, () => uno.setAnalog(0, (i % 10) / 2))
  }
  uno.at(500, () => uno.reset('external'))
  uno.run(1000)
  return sent.join(' ')
}

describe('the emulated Uno', () => {
  test('gives the same bytes at the same times in two runs', () => {
    const first = transcript()
    expect(first.split(' ').length).toBeGreaterThan(150)
    expect(transcript()).toBe(first)
  })

  test('gives the same bytes however its time is cut into runs', () => {
    const whole = createRig({}, 0)
    const cut = createRig({}, 0)
    whole.uno.run(60)
    for (let i = 0; i < 600; i++) cut.uno.run(0.1)
    expect(cut.messages).toEqual(whole.messages)
  })

  test('moves its clock only when it is run', () => {
    const { uno } = createRig({}, 0)
    expect(uno.nowMs()).toBe(0)
    uno.run(12.5)
    expect(uno.nowMs()).toBeGreaterThanOrEqual(12.5)
    expect(uno.nowMs()).toBeLessThan(12.501)
  })

  test('sends at the rate that the program sets, within the 2.5 % that a receiver at 57600 bit/s takes', () => {
    const { uno } = createRig({}, 0)
    const times: number[] = []
    uno.onSerial(({ ms }) => times.push(ms))
    uno.run(60)
    const byteMs = ((times.at(-1) ?? 0) - (times[0] ?? 0)) / (times.length - 1)
    expect(Math.abs(byteMs / (10_000 / 57_600) - 1)).toBeLessThan(0.025)
  })

  test('answers a request that a listener sends while the board runs, byte after byte', () => {
    const { uno, messages } = createRig({}, 0)
    uno.onSerial(({ byte }) => {
      if (byte === 0xf7 && messages.length === 2) uno.send(Uint8Array.of(0xf9))
    })
    uno.run(100)
    expect(messages.map(({ bytes }) => bytes[0])).toEqual([0xf9, 0xf0, 0xf9])
    expect(uno.lostBytes()).toBe(0)
  })

  test('loses what arrives before the program has turned its receiver on', () => {
    const { uno } = createRig({}, 0)
    uno.send(Uint8Array.of(0xf9, 0xf9))
    uno.run(60)
    expect(uno.lostBytes()).toBe(2)
  })

  test('executes a program of two instructions: output high on D13, then a loop', () => {
    // sbi DDRB, 5; sbi PORTB, 5; rjmp .-2
    const uno = createUno({ hex: ':06000000259A2D9AFFCFA6\n:00000001FF\n' })
    const changes: boolean[] = []
    uno.onPin(13, ({ level }) => changes.push(level))
    uno.run(0.01)
    expect(changes).toEqual([true])
    expect(uno.level(13)).toBe(true)
  })

  test.each([
    ['text', 'nothing', 'hex-invalid'],
    ['a wrong checksum', ':06000000259A2D9AFFCF00\n:00000001FF\n', 'hex-invalid'],
    ['a wrong length', ':05000000259A2D9AFFCFA7\n:00000001FF\n', 'hex-invalid'],
    ['another type of record', ':020000021000EC\n:00000001FF\n', 'hex-invalid'],
    ['no end', ':06000000259A2D9AFFCFA6\n', 'hex-invalid'],
  ])('refuses %s as firmware', (_, hex, code) => {
    expect(refusal(() => createUno({ hex }))).toBe(code)
  })

  test('refuses an address beyond the flash', () => {
    expect(refusal(() => readIntelHex(HEX, 1024))).toBe('hex-invalid')
  })

  test('refuses pins, volts, times and memories that an Uno has not', () => {
    const { uno } = createRig()
    expect(refusal(() => uno.setPin(20, true))).toBe('out-of-range')
    expect(refusal(() => uno.level(-1))).toBe('out-of-range')
    expect(refusal(() => uno.setAnalog(6, 1))).toBe('out-of-range')
    expect(refusal(() => uno.setAnalog(0, 5.1))).toBe('out-of-range')
    expect(refusal(() => uno.setAnalog(0, Number.NaN))).toBe('out-of-range')
    expect(refusal(() => uno.run(-1))).toBe('out-of-range')
    expect(refusal(() => uno.at(0, () => {}))).toBe('out-of-range')
    expect(refusal(() => createUno({ hex: HEX, eeprom: new Uint8Array(512) }))).toBe('wrong-length')
  })
})
