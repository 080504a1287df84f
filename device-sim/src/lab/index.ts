/** Virtual time for a whole thread, and stations in it. */
export type { Job, JobListener, JobRow } from './job.ts'
export { runInThread } from './run-in-thread.ts'
export { installVirtualTime, type VirtualTime, type VirtualTimeOptions } from './virtual-time.ts'
