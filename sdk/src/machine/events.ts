/** What a machine tells whoever runs it. Names are stable; numbers say their unit. */
import type { Code } from '../base/index.ts'

/** An event of the machine runtime. */
export type MachineEvent =
  | { readonly event: 'rows-journalled'; readonly stream: string; readonly rows: number }
  | { readonly event: 'rows-dropped'; readonly stream: string; readonly rows: number; readonly totalDropped: number }
  | {
      readonly event: 'batch-signed'
      readonly stream: string
      readonly sequence: number
      readonly rows: number
      readonly sizeBytes: number
    }
  | { readonly event: 'batch-published'; readonly sequence: number; readonly attempt: number }
  | { readonly event: 'batch-logged'; readonly sequence: number; readonly logIndex: number; readonly logSize: number }
  | {
      readonly event: 'batch-anchored'
      readonly sequence: number
      readonly logSize: number
      readonly blockNumber: number
    }
  | {
      readonly event: 'batch-refused'
      readonly sequence: number
      readonly code: string
      readonly detail: string
      /** Whether the machine keeps the batch aside for its owner instead of sending it again. */
      readonly parked: boolean
    }
  | { readonly event: 'receipt-rejected'; readonly code: Code; readonly detail: string }
  | { readonly event: 'message-rejected'; readonly topic: string; readonly code: Code; readonly detail: string }
  | { readonly event: 'history-adopted'; readonly sequence: number; readonly localSequence: number }
  | { readonly event: 'link-up' }
  | { readonly event: 'link-down'; readonly reason: string }
  | { readonly event: 'fault'; readonly code: Code; readonly detail: string }

/** Receives events; must not throw. */
export type MachineListener = (event: MachineEvent) => void
