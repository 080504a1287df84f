/** Every option of station.yaml that is not of the station itself: its default, its unit and its range, in one table. */
import { accountAddress } from '@fieldproof/sdk/evm'
import { z } from 'zod'

/** What the file says, apart from `station` and its `settings`. */
export interface CommonConfig {
  readonly version: 1
  readonly station: string
  readonly port: string | null
  readonly gateway: string | null
  readonly owner: string | null
  readonly settings: unknown
  readonly readings: { readonly isOn: boolean; readonly flushMs: number; readonly keepDays: number }
  readonly outbox: { readonly flushMs: number; readonly maxMiB: number }
  readonly signing: { readonly maxRows: number; readonly maxAgeMs: number; readonly healthMs: number }
  readonly metricsPort: number | null
  readonly allowForeignFirmware: boolean
}

/** Whether a text names an account, see accountAddress of the SDK. */
function isAccount(text: string): boolean {
  try {
    return accountAddress(text).length === 20
  } catch {
    return false // the issue's own message says what is wanted
  }
}

const readings = z.strictObject({
  isOn: z.boolean().default(true).describe('Whether rows are also kept as CSV files below readings/.'),
  flushMs: z
    .int()
    .min(0)
    .max(3_600_000)
    .default(60_000)
    .describe(
      'How long rows wait for their CSV file, in ms: a power cut loses as much of the file, but no signed row.',
    ),
  keepDays: z.int().min(1).max(3_660).default(400).describe('Days of CSV files that are kept; older ones are deleted.'),
})

const outbox = z.strictObject({
  flushMs: z
    .int()
    .min(0)
    .max(3_600_000)
    .default(30_000)
    .describe('How long rows wait to be written together, in ms: a power cut loses as much. More spares the card.'),
  maxMiB: z
    .int()
    .min(16)
    .max(16_384)
    .default(1_024)
    .describe(
      'Most that the outbox holds, in MiB. When it is full new rows are refused and counted; nothing signed is lost.',
    ),
})

const signing = z.strictObject({
  maxRows: z.int().min(1).max(4_096).default(60).describe('Rows of one signed batch at most.'),
  maxAgeMs: z
    .int()
    .min(1_000)
    .max(86_400_000)
    .default(300_000)
    .describe('Oldest row of a batch that is not yet signed, in ms.'),
  healthMs: z
    .int()
    .min(10_000)
    .max(3_600_000)
    .default(60_000)
    .describe("Time between two rows of the station's own health, in ms."),
})

/** The whole file. A section that is written without anything in it has its defaults. */
export const COMMON_FIELDS: z.ZodType<CommonConfig> = z.strictObject({
  version: z.literal(1).describe('Version of this file.'),
  station: z.string().min(1).describe('Kind of station.'),
  port: z
    .string()
    .min(1)
    .max(4096)
    .nullable()
    .default(null)
    .describe(
      'Serial port of the board, below /dev/serial/by-id so that it keeps its name; `fieldproof ports` lists them. FIELDPROOF_PORT overrides it.',
    ),
  gateway: z
    .url({ protocol: /^https?$/ })
    .nullable()
    .default(null)
    .describe(
      'Gateway that logs and anchors what is signed; null keeps it here. Set it with `fieldproof init DIR --gateway URL`, which pins its key. FIELDPROOF_GATEWAY overrides it.',
    ),
  owner: z
    .string()
    .refine(isAccount, 'want an address (0x and 40 hexadecimal digits, check digits right) or a secp256k1 public key')
    .nullable()
    .default(null)
    .describe('Account that this machine obeys: its address or public key.'),
  settings: z.unknown().optional().describe('Settings of the station.'),
  readings: readings
    .prefault({})
    .describe('Rows as files for a spreadsheet: readings/STREAM-YYYY-MM-DD.csv, a day of UTC each.'),
  outbox: outbox.prefault({}).describe('Rows and signed batches, until the gateway has them.'),
  signing: signing.prefault({}).describe('When rows become signed batches.'),
  metricsPort: z
    .int()
    .min(1)
    .max(65_535)
    .nullable()
    .default(null)
    .describe('Port on 127.0.0.1 for Prometheus and a page for people; null for none.'),
  allowForeignFirmware: z
    .boolean()
    .default(false)
    .describe('Whether other Firmata firmware is taken: without check of the line, counters and valve.'),
}) as z.ZodType<CommonConfig>
