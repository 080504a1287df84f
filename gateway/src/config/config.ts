/** The configuration of a gateway: parsed once, at start; all faults in one message; nothing adjusted; frozen. */
import { FieldproofError } from '@fieldproof/sdk/base'
import type { Finality } from '../anchor/index.ts'
import type { IngestLimits } from '../ingest/ingest.ts'
import { FIELDS } from './fields.ts'

/** A gateway's configuration. Units, defaults and ranges: `fields.ts`. */
export interface GatewayConfig {
  readonly origin: string
  readonly dataDir: string
  readonly logKeyFile: string | null
  readonly predecessor: { readonly logId: string; readonly size: number } | null
  readonly chain: ChainConfig | null
  readonly mqtt: {
    readonly host: string
    readonly port: number
    readonly passwordKeyFile: string | null
    readonly publicUrl: string | null
  }
  readonly http: { readonly host: string; readonly port: number }
  readonly ingest: IngestLimits
  readonly keys: { readonly refreshMs: number; readonly retryMs: number }
  readonly anchor: {
    readonly everyMs: number
    readonly minBatches: number
    readonly maxDelayMs: number
    readonly maxFeePerGasWei: number | null
    readonly bumpAfterMs: number
    readonly pollMs: number
    readonly beaconMs: number
  }
}

/** Where the registry is, and who runs the log there. Addresses are 0x-hex. */
export interface ChainConfig {
  readonly rpcUrl: string
  readonly chainId: number
  readonly registry: string
  readonly owner: string
  readonly appenderKeyFile: string
  readonly relayKeyFile: string | null
  readonly finality: Finality
}

/** Hosts that only this computer reaches. */
const LOOPBACK: readonly string[] = ['127.0.0.1', '::1', 'localhost']

/**
 * Checks a configuration and fills in its defaults.
 * @param input what a JSON file held
 * @throws FieldproofError `config-invalid` naming every fault with its path
 */
export function parseConfig(input: unknown): GatewayConfig {
  const result = FIELDS.safeParse(input)
  const faults = result.success ? crossFaults(result.data) : result.error.issues.map(describe)
  if (faults.length > 0 || !result.success) throw new FieldproofError('config-invalid', faults.join('; '))
  return deepFreeze(result.data)
}

function crossFaults({ mqtt }: GatewayConfig): string[] {
  if (LOOPBACK.includes(mqtt.host) || mqtt.passwordKeyFile !== null) return []
  return ['mqtt.passwordKeyFile: a broker that others can reach needs passwords']
}

function describe(issue: { readonly path: readonly PropertyKey[]; readonly message: string }): string {
  return `${issue.path.map(String).join('.') || 'configuration'}: ${issue.message}`
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const part of Object.values(value)) deepFreeze(part)
  }
  return value
}
