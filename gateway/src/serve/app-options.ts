/** What the parts of the HTTP application are made of. */
import type { Hash32, MachineId } from '@fieldproof/sdk/base'
import type { Hash } from '@fieldproof/sdk/crypto'
import type { KeyDirectory } from '../ingest/key-directory.ts'
import type { KeyRegistry } from '../ingest/key-registry.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Store } from '../ledger/store.ts'
import type { EnrolRelay } from './enrol.ts'
import type { Metrics } from './metrics.ts'

/** Where the log is anchored, for those who ask. */
export interface ChainFacts {
  readonly chainId: number
  readonly caip2: string
  readonly registry: Uint8Array
  readonly anchorLog: Uint8Array
  readonly logId: Hash32
}

/** What is served. */
export interface AppOptions {
  readonly store: Store
  readonly ledger: Ledger
  readonly directory: KeyDirectory
  readonly hash: Hash
  readonly metrics: Metrics
  /** Null when nothing is anchored. */
  readonly chain: ChainFacts | null
  /** What a verifier asks about keys and home logs. */
  readonly registry: KeyRegistry
  readonly enrol: EnrolRelay | null
  readonly mqttUrl: () => string
  readonly online: () => ReadonlySet<MachineId>
  readonly isHealthy: () => boolean
  /** Hears what the answers of status 500 and above do not say. */
  readonly onFault?: (error: unknown) => void
}
