/** Every option of a gateway's configuration file: its default, its unit and its range, in one table. */
import { ORIGIN_PATTERN } from '@fieldproof/sdk/wire'
import { z } from 'zod'
import type { GatewayConfig } from './config.ts'

const port = z.int().min(0).max(65_535)
const host = z.string().min(1).max(253)
const file = z.string().min(1).max(4096)
const milliseconds = (least: number, most: number) => z.int().min(least).max(most)
const address = z.string().regex(/^0x[0-9a-fA-F]{40}$/, 'want 0x and 40 hexadecimal digits')
const word = z.string().regex(/^0x[0-9a-fA-F]{64}$/, 'want 0x and 64 hexadecimal digits')

/** Broker: MQTT 3.1.1 without TLS; put a TLS proxy before it to leave this computer. */
const mqtt = z.strictObject({
  host: host.default('127.0.0.1'),
  /** 0 for a free one. */
  port: port.default(1883),
  /** File with 32 bytes in hex from which machine passwords are derived; null admits anyone, on a loopback host only. */
  passwordKeyFile: file.nullable().default(null),
  /** What machines are told to connect to; null for host and port above. */
  publicUrl: z
    .url({ protocol: /^mqtts?$/ })
    .nullable()
    .default(null),
})

const http = z.strictObject({
  host: host.default('127.0.0.1'),
  /** 0 for a free one. */
  port: port.default(8080),
})

const ingest = z.strictObject({
  /** Messages a second and machine; 0 for no limit. */
  messagesPerSecond: z.int().min(0).max(1_000_000).default(200),
  /** Messages that a machine may send at once after a pause. */
  messageBurst: z.int().min(1).max(1_000_000).default(2_000),
  /** Batches that are being checked or wait for their commit. */
  maxInFlight: z.int().min(1).max(1_000_000).default(20_000),
})

const keys = z.strictObject({
  /** How old the registry's word on a key may be before it is asked again, in ms. */
  refreshMs: milliseconds(1_000, 86_400_000).default(60_000),
  /** Shortest time between two questions about a key that is not enrolled, in ms. */
  retryMs: milliseconds(0, 3_600_000).default(2_000),
})

const anchor = z.strictObject({
  /** Shortest time between two anchors, in ms. */
  everyMs: milliseconds(0, 86_400_000).default(600_000),
  /** Statements that wait for an anchor before one is made. */
  minBatches: z.int().min(1).max(1_000_000).default(1),
  /** No statement waits longer than this for `minBatches` or a lower price, in ms; `everyMs` still holds. */
  maxDelayMs: milliseconds(0, 604_800_000).default(3_600_000),
  /** Wait for a price of at most this, in wei per gas; null pays what is asked. */
  maxFeePerGasWei: z.int().min(1).nullable().default(null),
  /** A transaction that stays pending is first replaced by a dearer one after this, in ms. */
  bumpAfterMs: milliseconds(1_000, 86_400_000).default(20_000),
  /** Pause between two looks at what is pending, in ms. */
  pollMs: milliseconds(50, 600_000).default(5_000),
  /** Pause between two looks at the newest final block, in ms. */
  beaconMs: milliseconds(50, 600_000).default(10_000),
})

const chain = z.strictObject({
  /** Endpoint of a node. It may hold an access key, so it is never logged. */
  rpcUrl: z.url({ protocol: /^https?$/ }),
  chainId: z.int().min(1).max(Number.MAX_SAFE_INTEGER),
  /** MachineRegistry; it names the AnchorLog. */
  registry: address,
  /** Who began the log on chain: a cold key, part of the log's id. */
  owner: address,
  /** File with the hot key that extends the log on chain, 0x and 64 hexadecimal digits. */
  appenderKeyFile: file,
  /**
   * File with the key that pays for enrolments that machines ask for; null offers none. Whoever reaches the HTTP port can
   * spend it, some 160 000 gas a machine: limit who does, or keep it for demonstrations.
   */
  relayKeyFile: file.nullable().default(null),
  /** `finalized`, or how many blocks on top make a block final where the chain has no such word. */
  finality: z
    .union([z.literal('finalized'), z.strictObject({ depth: z.int().min(0).max(100_000) })])
    .default('finalized'),
})

/** The whole file. */
export const FIELDS: z.ZodType<GatewayConfig> = z.strictObject({
  /** Name of the log: a schema-less URL such as `example.org/fieldproof` (LOG-2). */
  origin: z.string().regex(ORIGIN_PATTERN, 'want 1 to 128 printable ASCII characters without space and plus'),
  /** Directory of the database and, unless it is elsewhere, the log key. */
  dataDir: file,
  /** Log key, PKCS#8 PEM; null for `log-key.pem` in the data directory. */
  logKeyFile: file.nullable().default(null),
  /** The log that this one continues. */
  predecessor: z
    .strictObject({ logId: word, size: z.int().min(1) })
    .nullable()
    .default(null),
  /** Chain of the registry and of the anchors; null logs without anchoring and enrols every key: for trying out only. */
  chain: chain.nullable().default(null),
  mqtt: mqtt.prefault({}),
  http: http.prefault({}),
  ingest: ingest.prefault({}),
  keys: keys.prefault({}),
  anchor: anchor.prefault({}),
})
