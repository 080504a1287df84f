export type { LineHandlers, OpenLine, SerialLine } from './ports.ts'
