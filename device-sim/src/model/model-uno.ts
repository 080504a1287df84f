/**
 * A model of an Uno with our firmware: the same face and the same line protocol, without firmware and without instructions, so
 * that thousands fit in a process. Its time jumps from event to event. Where the firmware and the model differ, the page
 * schemas/spec/08-board.md is right, and the tests that both pass say where they may not.
 */
import type { ResetCause } from '@fieldproof/boards/protocol'
import { FieldproofError } from '@fieldproof/sdk/base'
import { EEPROM_BYTES } from '../avr/chip.ts'
import type { Uno, WiringOptions } from '../avr/face.ts'
import { createHostEnd } from '../avr/host-end.ts'
import { portBit } from '../avr/pins.ts'
import { createSchedule } from '../avr/schedule.ts'
import { createWires } from '../avr/wires.ts'
import { type BoardProgram, startProgram } from './board-program.ts'
import { CYCLES_PER_MS } from './board-time.ts'
import { countBoot } from './boot-count.ts'
import { BIT_CYCLES } from './transmitter.ts'

/** What a model is made of. */
export interface ModelUnoOptions extends WiringOptions {
  /** What it says for its build id, 8 bytes; default `model` in ASCII and zeros. A real one is in boards/firmware/manifest.json. */
  readonly buildId?: Uint8Array
  /** With a bootloader an external reset takes 1.4 s, and no reset cause is known, as with an Uno's. */
  readonly bootloader?: boolean
}

const BUILD_ID_BYTES = 8
const START_MS = 5
const BOOTLOADER_MS = 1400

/**
 * Powers a model up.
 * @throws FieldproofError `wrong-length` for an EEPROM or a build id of another size; its methods throw `out-of-range` as an emulated Uno's do
 */
export function createModelUno(options: ModelUnoOptions = {}): Uno {
  const eeprom = sized(options.eeprom ?? new Uint8Array(EEPROM_BYTES).fill(0xff), EEPROM_BYTES, 'an EEPROM')
  const buildId = sized(
    options.buildId ?? Uint8Array.of(0x6d, 0x6f, 0x64, 0x65, 0x6c, 0, 0, 0),
    BUILD_ID_BYTES,
    'a build id',
  )
  const schedule = createSchedule()
  let now = 0
  let program: BoardProgram | undefined
  let hasPower = false
  let isHung = false
  /** Counts what ends a program; what it has planned then never happens. */
  let life = 0

  const nowCycles = (): number => now
  const nowMs = (): number => now / CYCLES_PER_MS
  const wires = createWires(options.twoWire ?? [], nowMs)
  const host = createHostEnd({
    cpuHz: CYCLES_PER_MS * 1000,
    nowCycles,
    plan: schedule.add,
    ...(options.baudRateBps === undefined ? {} : { baudRateBps: options.baudRateBps }),
    boardBitCycles: () => (program === undefined ? null : BIT_CYCLES),
    receive: (byte) => {
      program?.receive(byte)
      return program !== undefined
    },
  })
  const end = (): void => {
    life++
    program = undefined
    host.cut()
  }
  const start = (cause: ResetCause): void => {
    end()
    wires.release()
    hasPower = true
    isHung = false
    const current = life
    const waits = options.bootloader === true && cause === 'external'
    const time = {
      nowCycles,
      resetCycles: now + (waits ? BOOTLOADER_MS * CYCLES_PER_MS : 0),
      plan: (cycles: number, action: () => void): void => {
        schedule.add(cycles, () => {
          if (life === current) action()
        })
      },
    }
    time.plan(time.resetCycles + START_MS * CYCLES_PER_MS, () => {
      const resetCauses = options.bootloader === true ? [] : [cause]
      const identity = { buildId, boots: countBoot(eeprom), resetCauses }
      program = startProgram({ time, wires, carry: host.carry, identity })
    })
  }
  const reset = (cause: Exclude<ResetCause, 'watchdog'>): void => {
    if (hasPower) start(cause)
  }
  start('power')

  return {
    nowMs,
    run: (ms) => {
      if (!(ms >= 0)) throw new FieldproofError('out-of-range', `a run of ${ms} ms`)
      const until = now + Math.round(ms * CYCLES_PER_MS)
      for (;;) {
        schedule.runDue(now)
        if (now >= until) return
        now = Math.min(until, schedule.nextAt())
      }
    },
    at: (ms, action) => {
      const cycles = Math.round(ms * CYCLES_PER_MS)
      if (!(cycles >= now)) throw new FieldproofError('out-of-range', `${ms} ms is past, it is ${nowMs()} ms`)
      schedule.add(cycles, action)
    },
    send: host.send,
    unsend: host.unsend,
    onSerial: (listener) => host.onByte((byte) => listener({ byte, ms: nowMs() })),
    setBaudRate: host.setBaudRate,
    lostBytes: host.lostBytes,
    setPin: (pin, level) => {
      portBit(pin)
      wires.drive(pin, level)
      if (program !== undefined) program.refresh(pin)
      else if (!isHung) wires.setLevel(pin, level === true)
    },
    setAnalog: wires.setVolts,
    level: (pin) => {
      portBit(pin)
      return wires.level(pin)
    },
    onPin: wires.onPin,
    plugTwoWire: wires.plug,
    reset,
    dtr: () => reset('external'),
    hang: () => {
      isHung = hasPower
      end()
    },
    powerOff: () => {
      end()
      wires.release()
      hasPower = false
      isHung = false
    },
    powerOn: () => {
      if (!hasPower) start('power')
    },
  }
}

function sized(bytes: Uint8Array, length: number, what: string): Uint8Array {
  if (bytes.length === length) return bytes
  throw new FieldproofError('wrong-length', `${what} of ${bytes.length} bytes, want ${length}`)
}
