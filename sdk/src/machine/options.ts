/** Options of a machine: parsed once, at start, all faults in one message, nothing silently adjusted, the result frozen. */
import { FieldproofError, type Hash32 } from '../base/index.ts'
import type { Hash, Signer, Suites } from '../crypto/index.ts'
import type { LogIdentity } from '../verify/index.ts'
import { encodeDefinition, MAX_RECIPIENTS, MAX_ROWS, type Row, type StreamDefinition } from '../wire/index.ts'
import type { MachineListener } from './events.ts'
import type { Clock, Entropy, Link, Outbox } from './ports.ts'
import { unitFault } from './senml-units.ts'

/** One stream that a machine signs. */
export interface StreamOptions {
  readonly definition: StreamDefinition
  /** X25519 keys (32 bytes) of those who may read it; empty for an open stream. */
  readonly recipients?: readonly Uint8Array[]
}

/** The gateway whose receipts a machine accepts, pinned: never learnt from the link. */
export interface GatewayIdentity extends LogIdentity {
  /** EVM chain of the anchors and beacons. */
  readonly chainId: number
  /** MachineRegistry of the anchors, 20 bytes. */
  readonly registry: Uint8Array
  /** The log on that chain. */
  readonly logId: Hash32
}

/** When rows become batches and batches are sent again. Defaults: {@link DEFAULTS}. */
export interface MachineTiming {
  /** Rows of one batch at most, 1 to 4096. */
  readonly maxRows: number
  /** Oldest row of an unsigned batch, in ms. */
  readonly maxAgeMs: number
  /** Rows are written together this often, in ms; 0 writes each at once. A power cut loses at most this much. */
  readonly flushMs: number
  /** First wait for a receipt before a batch is published again, in ms; doubles up to {@link resendMaxMs}. */
  readonly resendMs: number
  readonly resendMaxMs: number
  /** Wait for the anchor of a receipted batch before asking again, in ms. */
  readonly anchorWaitMs: number
  /** Batches that are published and not receipted, at most. */
  readonly maxInFlight: number
  /** How long the first statement of a boot waits for a link and the gateway's newest statement, in ms; with a link at most 5000. */
  readonly headWaitMs: number
  /** Cadence of the built-in `health` stream, in ms; 0 for none. */
  readonly healthMs: number
}

/** Defaults of {@link MachineTiming}. */
export const DEFAULTS: MachineTiming = Object.freeze({
  maxRows: 60,
  maxAgeMs: 60_000,
  flushMs: 0,
  resendMs: 5_000,
  resendMaxMs: 300_000,
  anchorWaitMs: 120_000,
  maxInFlight: 16,
  headWaitMs: 2_000,
  healthMs: 60_000,
})

/** Everything a machine needs. */
export interface MachineOptions {
  readonly signer: Signer
  /**
   * Null for a machine on its own: it measures and signs into its outbox, waits for no head, takes no beacon and no receipt. Once it is
   * started with a gateway, everything that it has signed goes there.
   */
  readonly gateway: GatewayIdentity | null
  /**
   * Whether the outbox was made anew for a machine that had another before. Then nothing is signed before the link was up and had time to bring
   * the newest statement: without a network it would be a branch. Rows are durable meanwhile. Of no meaning without a gateway.
   */
  readonly isRestored?: boolean
  readonly streams: readonly StreamOptions[]
  readonly outbox: Outbox
  readonly link: Link
  readonly clock: Clock
  readonly entropy: Entropy
  readonly hash: Hash
  readonly suites: Suites
  /** Name and version of the software, for people; at most 256 characters. */
  readonly software: string
  readonly timing?: Partial<MachineTiming>
  readonly onEvent?: MachineListener
  /** Sees every row once it is durable, those of `health` too, in the order of each stream; must not throw. */
  readonly onRow?: (definition: StreamDefinition, row: Row) => void
}

/** What a gateway takes in a birth message. */
const MAX_SOFTWARE_LENGTH = 256

const RANGES: { readonly [K in keyof MachineTiming]: readonly [min: number, max: number] } = {
  maxRows: [1, MAX_ROWS],
  maxAgeMs: [1, 86_400_000],
  flushMs: [0, 3_600_000],
  resendMs: [100, 3_600_000],
  resendMaxMs: [100, 86_400_000],
  anchorWaitMs: [1_000, 86_400_000],
  maxInFlight: [1, 1024],
  headWaitMs: [0, 600_000],
  healthMs: [0, 86_400_000],
}

/**
 * Defaults filled in and everything checked.
 * @throws FieldproofError `config-invalid` listing every fault
 */
export function parseTiming(options: MachineOptions): MachineTiming {
  const timing: MachineTiming = { ...DEFAULTS, ...options.timing }
  const faults = Object.entries(timing).flatMap(([name, value]) => timingFault(name, value))
  if (timing.resendMaxMs < timing.resendMs) faults.push('timing.resendMaxMs: want at least timing.resendMs')
  for (const [i, stream] of options.streams.entries()) faults.push(...streamFaults(stream, `streams[${i}]`))
  if (options.software.length > MAX_SOFTWARE_LENGTH) faults.push(`software: at most ${MAX_SOFTWARE_LENGTH} characters`)
  const names = options.streams.map((s) => s.definition.name)
  if (new Set(names).size !== names.length) faults.push('streams: want names that differ')
  if (timing.healthMs > 0 && names.includes('health'))
    faults.push('streams: "health" is taken; set timing.healthMs to 0')
  if (options.gateway !== null) faults.push(...gatewayFaults(options.gateway))
  if (faults.length > 0) throw new FieldproofError('config-invalid', faults.join('; '))
  return Object.freeze(timing)
}

function gatewayFaults({ logKey, registry, logId }: GatewayIdentity): string[] {
  const faults: string[] = []
  if (logKey.length !== 32) faults.push('gateway.logKey: want 32 bytes (Ed25519)')
  if (registry.length !== 20) faults.push('gateway.registry: want 20 bytes')
  if (logId.length !== 32) faults.push('gateway.logId: want 32 bytes')
  return faults
}

function timingFault(name: string, value: unknown): string[] {
  const range = Object.hasOwn(RANGES, name) ? RANGES[name as keyof MachineTiming] : undefined
  if (range === undefined) return [`timing.${name}: unknown option`]
  const good = typeof value === 'number' && Number.isInteger(value) && value >= range[0] && value <= range[1]
  return good ? [] : [`timing.${name}: want an integer from ${range[0]} to ${range[1]}, got ${String(value)}`]
}

function streamFaults({ definition, recipients = [] }: StreamOptions, path: string): string[] {
  const faults: string[] = []
  try {
    encodeDefinition(definition)
    for (const column of definition.columns) {
      const fault = unitFault(column)
      if (fault !== undefined) faults.push(`${path}.definition: ${fault}`)
    }
  } catch (error) {
    faults.push(`${path}.definition: ${error instanceof Error ? error.message : String(error)}`)
  }
  if (recipients.length > MAX_RECIPIENTS) faults.push(`${path}.recipients: at most ${MAX_RECIPIENTS}`)
  if (recipients.some((key) => key.length !== 32)) faults.push(`${path}.recipients: want X25519 keys of 32 bytes`)
  return faults
}
