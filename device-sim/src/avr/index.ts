/** An emulated Arduino Uno that executes firmware instruction by instruction. */
export type { ResetCause } from './chip.ts'
export { readIntelHex } from './intel-hex.ts'
export type { TwoWireDevice } from './two-wire.ts'
export { createUno, type PinChange, type SerialByte, type Uno, type UnoOptions } from './uno.ts'
