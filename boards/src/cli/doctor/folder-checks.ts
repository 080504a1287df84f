/** Checks of a station's folder. */
import { fieldproofErrorOf } from '@fieldproof/sdk/base'
import { openKeyFile, openLibsqlOutbox, stationFiles } from '@fieldproof/sdk/node'
import type { StationConfig } from '../../config/index.ts'
import { bytesText } from '../station/page-text.ts'
import { type Check, fail, ok, skipped, warn } from './finding.ts'

const NO_FOLDER = 'no folder of a station was given'
const FULL = 0.8

/** Whether the key can be used, by its owner alone. */
export const keyCheck: Check = {
  name: 'key',
  async run({ dir }) {
    if (dir === null) return [skipped(NO_FOLDER)]
    const { key } = stationFiles(dir)
    await openKeyFile(key)
    return [ok(`${key} is readable by you alone`)]
  },
}

/** Whether the outbox is whole, and how full. */
export const outboxCheck: Check = {
  name: 'outbox',
  async run({ dir, config }) {
    if (dir === null) return [skipped(NO_FOLDER)]
    try {
      const outbox = await openLibsqlOutbox(stationFiles(dir).outbox, { create: false })
      const usage = await outbox.usage().finally(() => outbox.close())
      const max = (config?.outbox.maxMiB ?? 1024) * 2 ** 20
      const waiting = `${usage.rows} rows to sign, ${usage.pending} batches to send, ${bytesText(usage.sizeBytes)}`
      if (usage.parked > 0)
        return [warn(`${waiting}; ${usage.parked} batches were refused`, 'look at the log of the gateway')]
      if (usage.sizeBytes < FULL * max) return [ok(waiting)]
      return [
        warn(
          `${waiting}: nearly full`,
          'connect the gateway, or raise outbox.maxMiB: new rows are refused when it is full',
        ),
      ]
    } catch (error) {
      if (fieldproofErrorOf(error)?.code !== 'store-locked') throw error
      return [ok('a running station has it')]
    }
  },
}

/** Whether a station runs from this folder: then its board is not to be touched. */
export async function isRunning(dir: string | null): Promise<boolean> {
  if (dir === null) return false
  try {
    const outbox = await openLibsqlOutbox(stationFiles(dir).outbox, { create: false })
    await outbox.close()
    return false
  } catch (error) {
    return fieldproofErrorOf(error)?.code === 'store-locked'
  }
}

/** Bytes that the outbox writes for rows that are flushed together, and for a batch that is signed. Measured: boards/bench/card.mjs. */
const FLUSH_BYTES = 4_700
const SEAL_BYTES = 25_500
const CSV_BYTES_A_ROW = 110
const DAY_MS = 86_400_000
const MUCH_BYTES = 100_000_000

/** What the station writes to its card in a day, from its settings. */
export function writtenBytesADay({ definition, outbox, signing, readings }: StationConfig): number {
  const cadences = [...Object.values(definition.streams).map(({ everyMs }) => everyMs), signing.healthMs]
  const rows = cadences.reduce((sum, everyMs) => sum + DAY_MS / everyMs, 0)
  const flushes = cadences.reduce((sum, everyMs) => sum + DAY_MS / Math.max(everyMs, outbox.flushMs), 0)
  const seals = cadences.reduce(
    (sum, everyMs) => sum + DAY_MS / Math.min(signing.maxAgeMs, signing.maxRows * everyMs),
    0,
  )
  return flushes * FLUSH_BYTES + seals * SEAL_BYTES + (readings.isOn ? rows * CSV_BYTES_A_ROW : 0)
}

/** How much the station wears its card. */
export const wearCheck: Check = {
  name: 'wear',
  async run({ config }) {
    if (config === null) return [skipped(NO_FOLDER)]
    const bytes = writtenBytesADay(config)
    const text = `about ${bytesText(bytes)} a day go to the card`
    if (bytes <= MUCH_BYTES) return [ok(text)]
    return [
      warn(text, 'raise outbox.flushMs in station.yaml: a power cut then loses as much, and the card lives longer'),
    ]
  },
}

/** Whether station.yaml can be read. */
export function configFinding(error: unknown): ReturnType<typeof ok> {
  const known = fieldproofErrorOf(error)
  const text = known?.message.replace(`${known.code}: `, '') ?? String(error)
  return fail(text, 'correct station.yaml, or make a station with `fieldproof init`')
}
