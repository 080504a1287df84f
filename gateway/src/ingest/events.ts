/** What a gateway tells whoever runs it. Names are stable; numbers say their unit; nothing here is secret. */
import type { Code, MachineId } from '@fieldproof/sdk/base'
import type { HistoryLink } from '../ledger/store.ts'

/** An event of the gateway. */
export type GatewayEvent =
  | { readonly event: 'listening'; readonly mqttUrl: string; readonly httpUrl: string; readonly logSize: number }
  | { readonly event: 'machine-online'; readonly machine: MachineId }
  | { readonly event: 'machine-offline'; readonly machine: MachineId }
  | {
      readonly event: 'machine-born'
      readonly machine: MachineId
      readonly enrolled: boolean
      readonly streams: readonly string[]
    }
  | {
      readonly event: 'batch-logged'
      readonly machine: MachineId
      readonly stream: string
      readonly sequence: number
      readonly rows: number
      readonly sizeBytes: number
      readonly logIndex: number
      readonly link: HistoryLink
    }
  | {
      readonly event: 'batch-duplicate'
      readonly machine: MachineId
      readonly sequence: number
      readonly logIndex: number
    }
  | { readonly event: 'branch'; readonly machine: MachineId; readonly sequence: number; readonly logIndex: number }
  | { readonly event: 'fork'; readonly machine: MachineId; readonly sequence: number; readonly logIndex: number }
  | {
      readonly event: 'refused'
      readonly machine: MachineId
      readonly topic: string
      readonly code: Code
      readonly detail: string
    }
  | {
      readonly event: 'receipt-sent'
      readonly machine: MachineId
      readonly logIndex: number
      readonly kind: 'logged' | 'anchored'
    }
  | { readonly event: 'checkpoint'; readonly logSize: number; readonly root: string }
  | {
      readonly event: 'anchor-submitted'
      readonly logSize: number
      readonly txHash: string
      readonly isReplacement: boolean
    }
  | {
      /** `anchored`: final, it cannot be undone. */
      readonly event: 'anchor-included' | 'anchored'
      readonly logSize: number
      readonly blockNumber: number
      readonly txHash: string
      readonly caip2: string
    }
  | { readonly event: 'anchor-reorg'; readonly logSize: number; readonly blockNumber: number }
  | { readonly event: 'fault'; readonly code: Code; readonly detail: string }
  | { readonly event: 'fatal'; readonly code: Code; readonly detail: string }
  | { readonly event: 'stopped' }

/** Receives events; must not throw. */
export type GatewayListener = (event: GatewayEvent) => void
