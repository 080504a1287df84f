/** Peripherals of the chip that avr8js leaves open: EEPROM, analog inputs, and a receiver with the depth of the real one. */
import { ADCMuxInputType, AVRADC, AVREEPROM, type AVRUSART, adcConfig, type CPU, usart0Config } from 'avr8js'

const { UCSRA, UCSRB, UDR } = usart0Config
const FRAME_ERROR = 0x10
const OVERRUN = 0x08

/** Connects an EEPROM, which is written in place. */
export function connectEeprom(cpu: CPU, eeprom: Uint8Array): void {
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

/** Connects the analog inputs to the volts at each channel. */
export function connectAnalog(cpu: CPU, volts: (channel: number) => number): void {
  const adc = new AVRADC(cpu, adcConfig)
  adc.onADCRead = (input) => {
    const measured = input.type === ADCMuxInputType.SingleEnded ? volts(input.channel) : 0
    const value = Math.min(Math.max(Math.floor((measured / adc.referenceVoltage) * 1024), 0), 1023)
    cpu.addClockEvent(() => adc.completeADCRead(value), adc.sampleCycles)
  }
}

/** A byte with its stop bit. */
interface Received {
  readonly byte: number
  readonly framed: boolean
}

/** Gives the receiver its second byte (data sheet, "USART": a two level buffer). The function that is returned takes a byte, or loses it. */
export function connectReceiver(cpu: CPU, usart: AVRUSART): (byte: number, framed: boolean) => boolean {
  let first: Received | undefined
  let second: Received | undefined
  const setFlag = (flag: number, on: boolean): void => {
    const value = cpu.data[UCSRA] ?? 0
    cpu.data[UCSRA] = on ? value | flag : value & ~flag
  }
  const take = (received: Received): void => {
    first = received
    setFlag(FRAME_ERROR, !received.framed)
    usart.writeByte(received.byte, true)
  }
  const readFirst = cpu.readHooks[UDR]
  cpu.readHooks[UDR] = (address) => {
    const byte = readFirst?.(address) ?? 0
    first = undefined
    setFlag(OVERRUN, false)
    if (second !== undefined) take(second)
    second = undefined
    return byte
  }
  // avr8js forgets a byte that waits whenever the program writes UCSRA or UCSRB, as Arduino's transmitter does for every byte.
  for (const register of [UCSRA, UCSRB]) {
    const write = cpu.writeHooks[register]
    cpu.writeHooks[register] = (value, oldValue, address, mask) => {
      const isDone = write?.(value, oldValue, address, mask) ?? false
      if (!usart.rxEnable) first = undefined
      if (first !== undefined) take(first)
      return isDone
    }
  }
  return (byte, framed) => {
    if (!usart.rxEnable) {
      second = undefined
      return false
    }
    if (first === undefined) take({ byte, framed })
    else if (second === undefined) second = { byte, framed }
    else {
      setFlag(OVERRUN, true)
      return false
    }
    return true
  }
}
