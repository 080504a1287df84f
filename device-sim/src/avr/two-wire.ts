/** Two-wire devices at the emulated bus. */
import { AVRTWI, type CPU, twiConfig } from 'avr8js'

/** A device on the bus, addressed with 7 bits. */
export interface TwoWireDevice {
  readonly address: number
  /** Address seen. `hold` keeps the clock line low until {@link TwoWireDevice.holds} is false, or the controller gives up. */
  start(write: boolean): 'ack' | 'nack' | 'hold'
  /** A byte for the device; false is a NACK. */
  write(byte: number): boolean
  /** The next byte from the device. */
  read(): number
  /**
   * Whether the device holds the clock now. Without it a device lets go when the controller is turned off; with it the
   * whole bus waits, a start of another device too, until this is false, and a transfer that was held goes on.
   */
  holds?(): boolean
}

/** Start, address and data each take the time of nine bits. */
const BITS = 9
const { TWCR, TWSR } = twiConfig
const ENABLED = 0x04
const IDLE = 0xf8
const PRESCALER = 0x03

/** Connects devices, which may come and go, to the bus of a chip. `cpuHz` is the chip's frequency. */
export function connectTwoWire(cpu: CPU, cpuHz: number, devices: Iterable<TwoWireDevice>): void {
  const twi = new AVRTWI(cpu, twiConfig, cpuHz)
  let selected: TwoWireDevice | undefined
  let transfer = 0

  const isHere = (device: TwoWireDevice): boolean => [...devices].includes(device)
  const isHeld = (): boolean => [...devices].some((device) => device.holds?.() === true)
  const later = (complete: () => void): void => {
    const current = transfer
    const poll = (): void => {
      if (transfer !== current) return
      if (isHeld()) cpu.addClockEvent(poll, bits(1))
      else complete()
    }
    cpu.addClockEvent(poll, bits(BITS))
  }
  const bits = (count: number): number => Math.round((count * cpuHz) / twi.sclFrequency)
  twi.eventHandler = {
    start: () => later(() => twi.completeStart()),
    stop: () => later(() => twi.completeStop()),
    connectToSlave: (address, write) => {
      selected = [...devices].find((device) => device.address === address)
      const answer = selected?.start(write) ?? 'nack'
      if (answer !== 'hold') later(() => twi.completeConnect(answer === 'ack'))
      else if (selected?.holds !== undefined) later(() => twi.completeConnect(true))
    },
    writeByte: (byte) => {
      const ack = selected !== undefined && isHere(selected) && selected.write(byte)
      later(() => twi.completeWrite(ack))
    },
    readByte: () => {
      const byte = selected !== undefined && isHere(selected) ? selected.read() : 0xff
      later(() => twi.completeRead(byte))
    },
  }
  const writeControl = cpu.writeHooks[TWCR]
  cpu.writeHooks[TWCR] = (value, old, address, mask) => {
    const isDone = writeControl?.(value, old, address, mask)
    if ((value & ENABLED) !== 0) return isDone
    // Data sheet, TWEN: turned off, the controller ends all transmissions. avr8js would wait for the one under way for ever.
    transfer++
    cpu.data[TWCR] = 0
    twi.completeStop()
    cpu.data[TWSR] = IDLE | ((cpu.data[TWSR] ?? 0) & PRESCALER)
    cpu.data[TWCR] = value & 0x7f
    return true
  }
}
