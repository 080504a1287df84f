import { describe, expect, test } from 'vitest'
import { createUno, optibootHex, type Uno } from '../../src/avr/index.ts'
import { SAY_CAUSE } from './programs.ts'
import { createRig, identityOf } from './rig.ts'

const BAUD_RATE_BPS = 115_200
/** Longer than the bootloader waits. */
const WAIT_MS = 1600
const RAM_KEPT = 0xa5
const R2_KEPT = 0x5a

interface Boot {
  /** From the reset to the first byte. */
  readonly afterMs: number
  /** MCUSR, r2, a byte of RAM. */
  readonly said: number[]
}

/** What a program says after something was done to its board. */
function boot(uno: Uno, action: () => void, ms = 20): Boot {
  const said: number[] = []
  const fromMs = uno.nowMs()
  let firstMs = Number.POSITIVE_INFINITY
  const stop = uno.onSerial(({ byte, ms }) => {
    if (said.push(byte) === 1) firstMs = ms
  })
  action()
  uno.run(ms)
  stop()
  return { afterMs: firstMs - fromMs, said }
}

describe('a reset', () => {
  test.each([
    ['external', 2],
    ['brown-out', 4],
  ] as const)('by %s sets its bit of MCUSR; registers and RAM stay', (cause, bit) => {
    const uno = createUno({ hex: SAY_CAUSE, baudRateBps: BAUD_RATE_BPS })
    uno.run(1)
    expect(boot(uno, () => uno.reset(cause)).said).toEqual([bit, R2_KEPT, RAM_KEPT])
  })

  test('keeps the bits of MCUSR that the program has not cleared, until power is lost', () => {
    const uno = createUno({ hex: SAY_CAUSE, baudRateBps: BAUD_RATE_BPS })
    uno.reset('brown-out') // before the first instruction
    expect(boot(uno, () => uno.reset('external')).said[0]).toBe(1 | 4 | 2)
  })

  test('by DTR is an external one', () => {
    const uno = createUno({ hex: SAY_CAUSE, baudRateBps: BAUD_RATE_BPS })
    uno.run(1)
    expect(boot(uno, uno.dtr).said[0]).toBe(2)
  })

  test('by loss of power loses RAM, keeps EEPROM, and lets go of every pin meanwhile', () => {
    const rig = createRig({ eeprom: new Uint8Array(1024).fill(0xff) })
    const { uno } = rig
    rig.feature(5, [100, 100, 0, 0])
    expect(uno.level(7)).toBe(true)
    uno.powerOff()
    expect(uno.level(7)).toBe(false)
    const offMs = uno.nowMs()
    expect(rig.ask([0xf9], 100)).toEqual([])
    expect(uno.nowMs()).toBeCloseTo(offMs + 100, 2)
    expect(uno.lostBytes()).toBe(1)
    uno.reset('external')
    expect(rig.ask([], 100)).toEqual([])
    uno.powerOn()
    uno.powerOn()
    uno.run(60)
    expect(identityOf(rig.feature(0)[0])).toMatchObject({ boots: 2, cause: 1 })
    const program = createUno({ hex: SAY_CAUSE, baudRateBps: BAUD_RATE_BPS })
    program.run(1)
    const { said } = boot(program, () => {
      program.powerOff()
      program.powerOn()
    })
    expect(said[0]).toBe(1)
    expect(said.slice(1)).not.toEqual([R2_KEPT, RAM_KEPT])
  })
})

describe('a hung chip', () => {
  test('keeps its outputs, says nothing, and neither its watchdog nor the host can wake it', () => {
    const rig = createRig()
    rig.feature(5, [100, 0, 0, 0])
    rig.uno.hang()
    expect(rig.ask([0xf9], 5000)).toEqual([])
    expect(rig.uno.level(7)).toBe(true)
    expect(rig.uno.lostBytes()).toBe(1)
  })

  test.each(['dtr', 'powerOff'] as const)('is revived by %s', (remedy) => {
    const rig = createRig()
    rig.uno.hang()
    rig.uno.run(100)
    rig.uno[remedy]()
    rig.uno.powerOn()
    rig.uno.run(60)
    expect(rig.feature(0)).toHaveLength(1)
  })
})

describe('with Optiboot', () => {
  test('an external reset waits about a second for a programmer; any other goes straight on', () => {
    const uno = createUno({ hex: SAY_CAUSE, bootloader: optibootHex(), baudRateBps: BAUD_RATE_BPS })
    expect(boot(uno, () => {}).afterMs).toBeLessThan(1)
    for (let i = 0; i < 2; i++) {
      const { afterMs } = boot(uno, uno.dtr, WAIT_MS)
      expect(afterMs).toBeGreaterThan(1000)
      expect(afterMs).toBeLessThan(1600)
    }
    expect(boot(uno, () => uno.reset('brown-out')).afterMs).toBeLessThan(1)
  })

  test('the program never learns why the chip was reset: MCUSR is 0, and r2 is what it was', () => {
    const uno = createUno({ hex: SAY_CAUSE, bootloader: optibootHex(), baudRateBps: BAUD_RATE_BPS })
    expect(boot(uno, () => {}).said[0]).toBe(0)
    for (const action of [uno.dtr, () => uno.reset('brown-out')]) {
      expect(boot(uno, action, WAIT_MS).said).toEqual([0, R2_KEPT, RAM_KEPT])
    }
  })

  test('an external reset blinks the LED three times', () => {
    const uno = createUno({ hex: SAY_CAUSE, bootloader: optibootHex(), baudRateBps: BAUD_RATE_BPS })
    uno.run(1)
    let blinks = 0
    uno.onPin(13, ({ level }) => {
      if (level) blinks++
    })
    uno.dtr()
    uno.run(900)
    expect(blinks).toBe(3)
  })

  test('answers a programmer, which must not wait longer than a second, and then starts the program', () => {
    const uno = createUno({ hex: SAY_CAUSE, bootloader: optibootHex(), baudRateBps: BAUD_RATE_BPS })
    uno.run(1)
    const getSync = Uint8Array.of(0x30, 0x20)
    const leave = Uint8Array.of(0x51, 0x20)
    const { said } = boot(
      uno,
      () => {
        uno.dtr()
        uno.at(uno.nowMs() + 700, () => uno.send(getSync))
        uno.at(uno.nowMs() + 1500, () => uno.send(leave))
      },
      1900,
    )
    expect(said.slice(0, 5)).toEqual([0x14, 0x10, 0x14, 0x10, 0])
  })

  test('the firmware counts one boot for a reset that goes through the bootloader twice (BOARD-7)', () => {
    const rig = createRig({ bootloader: optibootHex(), eeprom: new Uint8Array(1024).fill(0xff) })
    rig.uno.dtr()
    rig.uno.run(1600)
    expect(identityOf(rig.feature(0)[0]).boots).toBe(2)
  })
})
