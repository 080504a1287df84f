/** The serial port of an emulated Uno, as a host opens one. */
export { type UnoLine, type UnoLineOptions, unoLine } from './uno-line.ts'
