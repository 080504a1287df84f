/** Peripherals of the chip that avr8js leaves open: EEPROM, analog inputs, and a receiver with the depth of the real one. */
import { ADCMuxInputType, AVRADC, AVREEPROM, type AVRUSART, adcConfig, type CPU, usart0Config } from 'avr8js'

const { UCSRA, UDR } = usart0Config
const RECEIVED = 0x80
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

/** Gives the receiver its second byte (data sheet, "USART": a two level buffer). The function that is returned takes a byte, or loses it. */
export function connectReceiver(cpu: CPU, usart: AVRUSART): (byte: number, framed: boolean) => boolean {
  let second: { readonly byte: number; readonly framed: boolean } | undefined
  const setFlag = (flag: number, on: boolean): void => {
    const value = cpu.data[UCSRA] ?? 0
    cpu.data[UCSRA] = on ? value | flag : value & ~flag
  }
  const take = (byte: number, framed: boolean): void => {
    setFlag(FRAME_ERROR, !framed)
    usart.writeByte(byte, true)
  }
  const readFirst = cpu.readHooks[UDR]
  cpu.readHooks[UDR] = (address) => {
    const first = readFirst?.(address) ?? 0
    setFlag(OVERRUN, false)
    if (second !== undefined) take(second.byte, second.framed)
    second = undefined
    return first
  }
  return (byte, framed) => {
    if (!usart.rxEnable) {
      second = undefined
      return false
    }
    if (((cpu.data[UCSRA] ?? 0) & RECEIVED) === 0) take(byte, framed)
    else if (second === undefined) second = { byte, framed }
    else {
      setFlag(OVERRUN, true)
      return false
    }
    return true
  }
}
