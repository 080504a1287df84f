export type { LineHandlers, OpenLine, SerialLine } from './ports.ts'
export { BAUD_RATE_BPS, type SerialPortOptions, serialPortLine } from './serial-port.ts'
