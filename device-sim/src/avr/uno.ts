/**
 * An Arduino Uno that executes a firmware image in virtual time: the clock advances only in `run`, so that two runs with
 * the same stimuli give the same bytes at the same cycles. What the world does (levels, volts, bytes) happens at exact
 * times through `at`.
 */
import { FieldproofError } from '@fieldproof/sdk/base'
import { type Chip, CPU_HZ, EEPROM_BYTES, FLASH_BYTES, type ResetCause, startChip } from './chip.ts'
import type { Uno, WiringOptions } from './face.ts'
import { createHostEnd } from './host-end.ts'
import { readIntelHex } from './intel-hex.ts'
import { FIRST_PIN, portBit } from './pins.ts'
import type { SleepMode } from './processor.ts'
import { createSchedule } from './schedule.ts'
import { createWires } from './wires.ts'

export type { PinChange, SerialByte, Uno, WiringOptions } from './face.ts'

/** What an emulated Uno is made of. */
export interface UnoOptions extends WiringOptions {
  /** Intel HEX text of the firmware. */
  readonly hex: string
  /** Intel HEX text of a bootloader in the last 512 bytes of flash, where every reset then begins (fuse BOOTRST). */
  readonly bootloader?: string
  /** `step` counts every cycle of a sleep, for tests; default `jump`. Both give the same bytes at the same times. */
  readonly sleep?: SleepMode
}

/** Cycles of a millisecond. */
const CYCLES_PER_MS = CPU_HZ / 1000
const BOOT_START = FLASH_BYTES - 512
const ERASED = 0xff

/**
 * Powers an Uno up.
 * @throws FieldproofError `hex-invalid` for a firmware or bootloader that is not Intel HEX, `wrong-length` for an EEPROM of another size;
 * its methods throw `out-of-range` for pins, channels, volts, rates and times that it has not
 */
export function createUno(options: UnoOptions): Uno {
  const flash = flashOf(options)
  const eeprom = options.eeprom ?? new Uint8Array(EEPROM_BYTES).fill(ERASED)
  if (eeprom.length !== EEPROM_BYTES) {
    throw new FieldproofError('wrong-length', `an EEPROM of ${eeprom.length} bytes, want ${EEPROM_BYTES}`)
  }
  const schedule = createSchedule()
  let chip: Chip | undefined
  /** Time at which the chip was reset, or, while there is none, the time. */
  let sinceCycles = 0

  const nowCycles = (): number => sinceCycles + (chip?.cycles() ?? 0)
  const nowMs = (): number => nowCycles() / CYCLES_PER_MS
  const plan = (cycles: number, action: () => void): void => {
    schedule.add(cycles, action)
    chip?.endBy(cycles - sinceCycles)
  }
  const wires = createWires(options.twoWire ?? [], nowMs)
  const host = createHostEnd({
    cpuHz: CPU_HZ,
    nowCycles,
    plan,
    ...(options.baudRateBps === undefined ? {} : { baudRateBps: options.baudRateBps }),
    boardBitCycles: () => chip?.receiverBitCycles() ?? null,
    receive: (byte, framed) => chip?.receive(byte, framed) ?? false,
  })
  const stop = (): void => {
    sinceCycles = nowCycles()
    chip = undefined
    host.cut()
    wires.release()
  }
  const start = (cause: ResetCause): void => {
    const before = chip?.remains()
    stop()
    chip = startChip(
      {
        flash,
        startWord: options.bootloader === undefined ? 0 : BOOT_START / 2,
        eeprom,
        devices: wires.devices,
        sleep: options.sleep ?? 'jump',
        volts: wires.volts,
        driven: (port, bit) => wires.driven((FIRST_PIN[port] ?? 0) + bit),
        onPort: wires.drivePort,
        onTransmit: host.carry,
        onWatchdog: () => start('watchdog'),
      },
      cause,
      before,
    )
  }
  const reset = (cause: Exclude<ResetCause, 'watchdog'>): void => {
    if (chip !== undefined) start(cause)
  }
  start('power')

  return {
    nowMs,
    run: (ms) => {
      if (!(ms >= 0)) throw new FieldproofError('out-of-range', `a run of ${ms} ms`)
      const end = nowCycles() + Math.round(ms * CYCLES_PER_MS)
      for (;;) {
        schedule.runDue(nowCycles())
        const target = Math.min(end, schedule.nextAt())
        if (nowCycles() >= end) return
        if (chip === undefined) sinceCycles = target
        else chip.runTo(target - sinceCycles)
      }
    },
    at: (ms, action) => {
      const cycles = Math.round(ms * CYCLES_PER_MS)
      if (!(cycles >= nowCycles())) throw new FieldproofError('out-of-range', `${ms} ms is past, it is ${nowMs()} ms`)
      plan(cycles, action)
    },
    send: host.send,
    unsend: host.unsend,
    onSerial: (listener) => host.onByte((byte) => listener({ byte, ms: nowMs() })),
    setBaudRate: host.setBaudRate,
    lostBytes: host.lostBytes,
    setPin: (pin, level) => {
      const { port, bit } = portBit(pin)
      wires.drive(pin, level)
      chip?.refresh(port, bit)
      wires.setLevel(pin, chip === undefined ? level === true : chip.level(port, bit))
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
    hang: () => chip?.hang(),
    powerOff: stop,
    powerOn: () => {
      if (chip === undefined) start('power')
    },
  }
}

function flashOf({ hex, bootloader }: UnoOptions): Uint8Array {
  const flash = readIntelHex(hex, FLASH_BYTES)
  if (bootloader === undefined) return flash
  flash.set(readIntelHex(bootloader, FLASH_BYTES).subarray(BOOT_START), BOOT_START)
  return flash
}
