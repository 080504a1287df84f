/** Two-wire devices at the emulated bus. */
import type { AVRTWI, CPU } from 'avr8js'

/** A device on the bus, addressed with 7 bits. */
export interface TwoWireDevice {
  readonly address: number
  /** Address seen. `hold` keeps the clock line low for ever: the bus is dead until the board is reset. */
  start(write: boolean): 'ack' | 'nack' | 'hold'
  /** A byte for the device; false is a NACK. */
  write(byte: number): boolean
  /** The next byte from the device. */
  read(): number
}

/** Start, address and data each take the time of nine bits. */
const BITS = 9

/** Connects devices to the bus of a chip. `cpuHz` is the chip's frequency. */
export function connectTwoWire(cpu: CPU, twi: AVRTWI, cpuHz: number, devices: readonly TwoWireDevice[]): void {
  let selected: TwoWireDevice | undefined
  const later = (complete: () => void): void => {
    cpu.addClockEvent(complete, Math.round((BITS * cpuHz) / twi.sclFrequency))
  }
  twi.eventHandler = {
    start: () => later(() => twi.completeStart()),
    stop: () => later(() => twi.completeStop()),
    connectToSlave: (address, write) => {
      selected = devices.find((device) => device.address === address)
      const answer = selected?.start(write) ?? 'nack'
      if (answer !== 'hold') later(() => twi.completeConnect(answer === 'ack'))
    },
    writeByte: (byte) => {
      const ack = selected?.write(byte) ?? false
      later(() => twi.completeWrite(ack))
    },
    readByte: () => {
      const byte = selected?.read() ?? 0xff
      later(() => twi.completeRead(byte))
    },
  }
}
