/**
 * An ATmega328P from one reset to the next. avr8js clears no register of a peripheral on reset, so a reset makes a new
 * chip over the same flash and EEPROM. Registers and RAM are noise after power on, as no program may rely on them, and
 * stay over any other reset.
 */
import {
  AVRClock,
  AVRIOPort,
  AVRTimer,
  AVRUSART,
  AVRWatchdog,
  avrInstruction,
  clockConfig,
  portBConfig,
  portCConfig,
  portDConfig,
  timer0Config,
  timer1Config,
  timer2Config,
  usart0Config,
  watchdogConfig,
} from 'avr8js'
import { connectAnalog, connectEeprom, connectReceiver } from './peripherals.ts'
import { Processor, type SleepMode } from './processor.ts'
import { connectTwoWire, type TwoWireDevice } from './two-wire.ts'

/** Frequency of an Uno's crystal. */
export const CPU_HZ = 16_000_000
/** Flash of an ATmega328P. */
export const FLASH_BYTES = 32_768
/** EEPROM of an ATmega328P. */
export const EEPROM_BYTES = 1024
/** Bits of MCUSR: why the chip was reset. */
export const RESET_CAUSES = { power: 1, external: 2, 'brown-out': 4, watchdog: 8 } as const
/** Why the chip was reset. */
export type ResetCause = keyof typeof RESET_CAUSES

const RAM_BYTES = 2048
const REGISTERS = 32
const RAM_START = 0x100
const MCUSR = 0x54
const SMCR = 0x53
const SLEEP_ENABLE = 1
const WDTCSR = 0x60
const CHANGE_AND_ENABLE = 0x18
const ENABLE = 0x08
const RETI = 0x9518
const SEI = 0x9478
const SLEEP = 0x9588

/** What the chip is wired to. */
export interface ChipWiring {
  readonly flash: Uint8Array
  /** First instruction after a reset, as a word address: 0, or that of the boot section (fuse BOOTRST). */
  readonly startWord: number
  /** {@link EEPROM_BYTES}, written in place. */
  readonly eeprom: Uint8Array
  readonly devices: Iterable<TwoWireDevice>
  readonly sleep: SleepMode
  /** Volts at an analog channel. */
  readonly volts: (channel: number) => number
  /** Level that drives a bit of a port (D, B, C) from outside, or null when nothing does. */
  readonly driven: (port: number, bit: number) => boolean | null
  /** A port's registers changed. */
  readonly onPort: (port: number, value: number, direction: number) => void
  /** A byte begins to leave the shift register, with bits of so many cycles. */
  readonly onTransmit: (byte: number, bitCycles: number) => void
  readonly onWatchdog: () => void
}

/** What is left of a chip that is reset without losing power. */
export interface Remains {
  readonly registers: Uint8Array
  readonly ram: Uint8Array
  readonly mcusr: number
}

/** A running chip. */
export interface Chip {
  /** Cycles since this reset. */
  readonly cycles: () => number
  /** Executes instructions until `cycles` since this reset, or until the watchdog bites. */
  readonly runTo: (cycles: number) => void
  /** Makes a run that is under way end at `cycles`, if it would end later: a listener has planned something. */
  readonly endBy: (cycles: number) => void
  /** Stops for good: no instruction, no interrupt, no watchdog. Time passes, outputs stay. */
  readonly hang: () => void
  /** Reads the outside level of a bit of a port again. */
  readonly refresh: (port: number, bit: number) => void
  /** Cycles of a bit that the receiver expects, or null while it is off. */
  readonly receiverBitCycles: () => number | null
  /** A byte arrived. False when it was lost: receiver off, or the two before it not read yet. */
  readonly receive: (byte: number, framed: boolean) => boolean
  /** Level of a bit as its PIN register has it. */
  readonly level: (port: number, bit: number) => boolean
  readonly remains: () => Remains
}

/** Powers a chip up, or resets the one of which `before` is left. */
export function startChip(wiring: ChipWiring, cause: ResetCause, before?: Remains): Chip {
  const program = new Uint16Array(FLASH_BYTES / 2)
  new Uint8Array(program.buffer).set(wiring.flash)
  const cpu = new Processor(program, RAM_BYTES)
  for (const config of [timer0Config, timer1Config, timer2Config]) cpu.addTimer(new AVRTimer(cpu, config))
  const ports = [portDConfig, portBConfig, portCConfig].map((config) => new AVRIOPort(cpu, config))
  const usart = new AVRUSART(cpu, usart0Config, CPU_HZ)
  const receive = connectReceiver(cpu, usart)
  connectEeprom(cpu, wiring.eeprom)
  connectTwoWire(cpu, CPU_HZ, wiring.devices)
  connectAnalog(cpu, wiring.volts)
  new AVRWatchdog(cpu, watchdogConfig, new AVRClock(cpu, CPU_HZ, clockConfig))
  let bitten = false
  let hung = false
  let asleep = false
  let end = 0
  cpu.reset = () => {
    bitten = true
  }
  const bitCycles = (): number => Math.round(CPU_HZ / usart.baudRate)
  usart.onByteTransmit = (byte) => wiring.onTransmit(byte, bitCycles())
  const refresh = (index: number, bit: number): void => {
    const port = ports[index]
    port?.setPin(bit, wiring.driven(index, bit) ?? isPulledUp(cpu, port, bit))
  }
  const refreshPort = (index: number): void => {
    for (let bit = 0; bit < 8; bit++) refresh(index, bit)
  }
  for (const [index, port] of ports.entries()) {
    port.addListener((value) => {
      refreshPort(index)
      wiring.onPort(index, value, cpu.data[port.portConfig.DDR] ?? 0)
    })
    refreshPort(index)
  }
  wakeUp(cpu, cause, before)
  cpu.pc = wiring.startWord
  const execute = (): void => {
    // Data sheet, "Reset and Interrupt Handling": after RETI and SEI one instruction is executed before a pending interrupt. avr8js leaves that out,
    // and an interrupt that never rests would stop the program altogether.
    const opcode = program[cpu.pc]
    if (opcode === RETI || opcode === SEI) avrInstruction(cpu)
    const last = opcode === RETI || opcode === SEI ? program[cpu.pc] : opcode
    avrInstruction(cpu)
    if (last === SLEEP && ((cpu.data[SMCR] ?? 0) & SLEEP_ENABLE) !== 0) {
      const { pc } = cpu
      cpu.tick()
      asleep = cpu.pc === pc
    } else cpu.tick()
  }
  return {
    cycles: () => cpu.cycles,
    runTo: (cycles) => {
      end = cycles
      while (cpu.cycles < end && !bitten) {
        if (hung) cpu.cycles = end
        else if (asleep) asleep = !cpu.sleep(end, wiring.sleep)
        else execute()
      }
      if (bitten) wiring.onWatchdog()
    },
    endBy: (cycles) => {
      end = Math.min(end, cycles)
    },
    hang: () => {
      hung = true
    },
    refresh,
    receiverBitCycles: () => (hung || !usart.rxEnable ? null : bitCycles()),
    receive: (byte, framed) => !hung && receive(byte, framed),
    level: (index, bit) => {
      const port = ports[index]
      return port !== undefined && ((cpu.data[port.portConfig.PIN] ?? 0) & (1 << bit)) !== 0
    },
    remains: () => ({
      registers: cpu.data.slice(0, REGISTERS),
      ram: cpu.data.slice(RAM_START),
      mcusr: cpu.data[MCUSR] ?? 0,
    }),
  }
}

/** Data sheet, "Reset Sources": flags stay until the program clears them or power is lost, and while WDRF is set the watchdog runs. */
function wakeUp(cpu: Processor, cause: ResetCause, before: Remains | undefined): void {
  const { registers, ram, mcusr } = cause === 'power' || before === undefined ? poweredUp() : before
  cpu.data.set(registers, 0)
  cpu.data.set(ram, RAM_START)
  cpu.data[MCUSR] = mcusr | RESET_CAUSES[cause]
  if (cause !== 'watchdog') return
  cpu.writeData(WDTCSR, CHANGE_AND_ENABLE)
  cpu.writeData(WDTCSR, ENABLE)
}

/** Noise, the same each time: what it is does not matter, that it is not zeros does. */
function poweredUp(): Remains {
  let state = 0x2545f491
  const noise = (length: number): Uint8Array =>
    Uint8Array.from({ length }, () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      return state >>> 24
    })
  return { registers: noise(REGISTERS), ram: noise(RAM_BYTES), mcusr: 0 }
}

/** An input that nothing drives reads high behind its pull-up, and low otherwise. */
function isPulledUp(cpu: Processor, { portConfig }: AVRIOPort, bit: number): boolean {
  const mask = 1 << bit
  return ((cpu.data[portConfig.DDR] ?? 0) & mask) === 0 && ((cpu.data[portConfig.PORT] ?? 0) & mask) !== 0
}
