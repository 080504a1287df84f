/**
 * An ATmega328P from one reset to the next. avr8js clears no register of a peripheral on reset, so a reset makes a new
 * chip over the same flash and EEPROM; RAM starts as zeros, which no program may rely on.
 */
import {
  ADCMuxInputType,
  AVRADC,
  AVRClock,
  AVREEPROM,
  AVRIOPort,
  AVRTimer,
  AVRTWI,
  AVRUSART,
  AVRWatchdog,
  adcConfig,
  avrInstruction,
  CPU,
  clockConfig,
  portBConfig,
  portCConfig,
  portDConfig,
  timer0Config,
  timer1Config,
  timer2Config,
  twiConfig,
  usart0Config,
  watchdogConfig,
} from 'avr8js'
import { connectTwoWire, type TwoWireDevice } from './two-wire.ts'

/** Frequency of an Uno's crystal. */
export const CPU_HZ = 16_000_000
/** Flash of an ATmega328P. */
export const FLASH_BYTES = 32_768
/** EEPROM of an ATmega328P. */
export const EEPROM_BYTES = 1024
/** Bits of MCUSR: why the chip was reset. */
export const RESET_CAUSES = { power: 1, external: 2, watchdog: 8 } as const
/** Why the chip was reset. */
export type ResetCause = keyof typeof RESET_CAUSES

const RAM_BYTES = 2048
const MCUSR = 0x54
const UCSR0A = 0xc0
const RECEIVED = 0x80
const RETI = 0x9518
const SEI = 0x9478

/** What the chip is wired to. */
export interface ChipWiring {
  readonly flash: Uint8Array
  /** {@link EEPROM_BYTES}, written in place. */
  readonly eeprom: Uint8Array
  readonly devices: readonly TwoWireDevice[]
  /** Volts at an analog channel. */
  readonly volts: (channel: number) => number
  /** Level that drives a bit of a port (D, B, C) from outside, or null when nothing does. */
  readonly driven: (port: number, bit: number) => boolean | null
  /** A port's registers changed. */
  readonly onPort: (port: number, value: number, direction: number) => void
  /** A byte left the shift register. */
  readonly onTransmit: (byte: number) => void
  readonly onWatchdog: () => void
}

/** A running chip. */
export interface Chip {
  /** Cycles since this reset. */
  readonly cycles: () => number
  /** Executes instructions until `cycles` since this reset, or until the watchdog bites. */
  readonly runTo: (cycles: number) => void
  /** Makes a run that is under way end at `cycles`, if it would end later: a listener has planned something. */
  readonly endBy: (cycles: number) => void
  /** Reads the outside level of a bit of a port again. */
  readonly refresh: (port: number, bit: number) => void
  /** A whole byte arrived. False when it was lost: receiver off, or the byte before not read yet. */
  readonly receive: (byte: number) => boolean
  /** Level of a bit as its PIN register has it. */
  readonly level: (port: number, bit: number) => boolean
}

/** Powers a chip up or resets it. */
export function startChip(wiring: ChipWiring, cause: ResetCause): Chip {
  const program = new Uint16Array(FLASH_BYTES / 2)
  new Uint8Array(program.buffer).set(wiring.flash)
  const cpu = new CPU(program, RAM_BYTES)
  for (const config of [timer0Config, timer1Config, timer2Config]) new AVRTimer(cpu, config)
  const ports = [portDConfig, portBConfig, portCConfig].map((config) => new AVRIOPort(cpu, config))
  const usart = new AVRUSART(cpu, usart0Config, CPU_HZ)
  connectMemories(cpu, wiring)
  connectTwoWire(cpu, new AVRTWI(cpu, twiConfig, CPU_HZ), CPU_HZ, wiring.devices)
  connectAnalog(cpu, wiring)
  let bitten = false
  let end = 0
  new AVRWatchdog(cpu, watchdogConfig, new AVRClock(cpu, CPU_HZ, clockConfig))
  cpu.reset = () => {
    bitten = true
  }
  usart.onByteTransmit = (byte) => {
    cpu.addClockEvent(() => wiring.onTransmit(byte), byteCycles(usart))
  }
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
  cpu.data[MCUSR] = RESET_CAUSES[cause]
  return {
    cycles: () => cpu.cycles,
    runTo: (cycles) => {
      end = cycles
      while (cpu.cycles < end && !bitten) {
        // Data sheet, "Reset and Interrupt Handling": after RETI and SEI one instruction is executed before a pending interrupt. avr8js leaves that out,
        // and an interrupt that never rests would stop the program altogether.
        const opcode = program[cpu.pc]
        if (opcode === RETI || opcode === SEI) avrInstruction(cpu)
        avrInstruction(cpu)
        cpu.tick()
      }
      if (bitten) wiring.onWatchdog()
    },
    endBy: (cycles) => {
      end = Math.min(end, cycles)
    },
    refresh,
    receive: (byte) => {
      if (!usart.rxEnable || ((cpu.data[UCSR0A] ?? 0) & RECEIVED) !== 0) return false
      usart.writeByte(byte, true)
      return true
    },
    level: (index, bit) => {
      const port = ports[index]
      return port !== undefined && ((cpu.data[port.portConfig.PIN] ?? 0) & (1 << bit)) !== 0
    },
  }
}

/** A start bit, data and stop bits, at the rate that the program has set. */
function byteCycles(usart: AVRUSART): number {
  return Math.round(((1 + usart.bitsPerChar + usart.stopBits) * CPU_HZ) / usart.baudRate)
}

function connectMemories(cpu: CPU, { eeprom }: ChipWiring): void {
  new AVREEPROM(cpu, {
    readMemory: (address) => eeprom[address] ?? 0xff,
    writeMemory: (address, value) => {
      eeprom[address] = (eeprom[address] ?? 0xff) & value
    },
    eraseMemory: (address) => {
      eeprom[address] = 0xff
    },
  })
}

function connectAnalog(cpu: CPU, { volts }: ChipWiring): void {
  const adc = new AVRADC(cpu, adcConfig)
  adc.onADCRead = (input) => {
    const measured = input.type === ADCMuxInputType.SingleEnded ? volts(input.channel) : 0
    const value = Math.min(Math.max(Math.floor((measured / adc.referenceVoltage) * 1024), 0), 1023)
    cpu.addClockEvent(() => adc.completeADCRead(value), adc.sampleCycles)
  }
}

/** An input that nothing drives reads high behind its pull-up, and low otherwise. */
function isPulledUp(cpu: CPU, { portConfig }: AVRIOPort, bit: number): boolean {
  const mask = 1 << bit
  return ((cpu.data[portConfig.DDR] ?? 0) & mask) === 0 && ((cpu.data[portConfig.PORT] ?? 0) & mask) !== 0
}
