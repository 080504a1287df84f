/** The serial port of an emulated board, as a host opens one, and what can happen to it. */
export type { ByteFaults, FaultCounts, FaultRates } from './byte-faults.ts'
export { type FaultyLine, faultyLine, type LineFaultPlan } from './faulty-line.ts'
export { type LineEnd, virtualEnd } from './line-end.ts'
export { onPty, type Pty, type PtyOptions } from './pty.ts'
export { type Pace, type PaceClock, paceUno } from './real-time.ts'
export type { CreateScene, Scene } from './thread-messages.ts'
export { type PulledLine, portOf, type UnoLine, type UnoLineOptions, unoLine } from './uno-line.ts'
export { startUnoThread, type ThreadOptions, type UnoThread } from './uno-thread.ts'
