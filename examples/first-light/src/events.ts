/** What the demo tells, by stable names: its own events, and those of machines and gateway with who they are from. */
import type { StationEvent } from '@fieldproof/boards'
import type { GatewayEvent } from '@fieldproof/gateway'
import type { MachineEvent } from '@fieldproof/sdk/machine'
import type { Report } from '@fieldproof/sdk/verify'

/** An event of `npm start`. */
export type DemoEvent =
  | { readonly event: 'starting'; readonly what: string }
  | {
      readonly event: 'chain-ready'
      readonly rpc: string
      readonly chainId: number
      readonly registry: string
      readonly resumed: boolean
    }
  | { readonly event: 'station-ready'; readonly station: string; readonly machine: string }
  | {
      readonly event: 'ready'
      readonly http: string
      readonly mqtt: string
      readonly rpc: string
      readonly secondsSinceStart: number
    }
  | { readonly event: 'proof-written'; readonly proof: string; readonly trust: string; readonly sizeBytes: number }
  | { readonly event: 'proof-verified' | 'proof-refused'; readonly report: Report }
  | { readonly event: 'stopping' }
  | { readonly event: 'stopped' }
  | { readonly event: 'failed'; readonly code: string; readonly detail: string }
  | { readonly event: 'valve-opened'; readonly from: string; readonly forMs: number }
  | ({ readonly from: string } & MachineEvent)
  | ({ readonly from: string } & StationEvent)
  | ({ readonly from: 'gateway' } & GatewayEvent)

/** Receives events. */
export type DemoListener = (event: DemoEvent) => void
