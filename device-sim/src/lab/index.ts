/** Virtual time for a whole thread, and stations in it. */
export { installVirtualTime, type VirtualTime, type VirtualTimeOptions } from './virtual-time.ts'
