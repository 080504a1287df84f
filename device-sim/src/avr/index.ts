/** An emulated Arduino Uno that executes firmware instruction by instruction. */
export type { ResetCause } from './chip.ts'
export type { PinChange, SerialByte, Uno, WiringOptions } from './face.ts'
export { readIntelHex } from './intel-hex.ts'
export { connectOneWire, type OneWireBus, type OneWireDevice } from './one-wire.ts'
export { optibootHex } from './optiboot.ts'
export type { SleepMode } from './processor.ts'
export type { TwoWireDevice } from './two-wire.ts'
export { createUno, type UnoOptions } from './uno.ts'
