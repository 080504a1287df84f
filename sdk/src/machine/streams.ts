/** The streams that a machine signs: its own, `health`, and those of an earlier release that still have rows to sign. */
import { type Hash32, toHex } from '../base/index.ts'
import type { Hash } from '../crypto/index.ts'
import { definitionHash } from '../merkle/index.ts'
import { decodeDefinition, encodeDefinition, type StreamDefinition } from '../wire/index.ts'
import type { StreamOptions } from './options.ts'
import type { Outbox } from './ports.ts'

/** A stream with what signing it needs. */
export interface Stream {
  /** Hex of the definition hash: its name in the outbox. */
  readonly key: string
  readonly definition: StreamDefinition
  readonly definitionBytes: Uint8Array
  readonly definitionHash: Hash32
  readonly recipients: readonly Uint8Array[]
  /** When the oldest unsigned row must be signed, on the monotonic clock; null when there is none. */
  dueMs: number | null
}

/** The machine's own state, as a stream like any other: what it dropped, holds and has had refused. */
export const HEALTH: StreamDefinition = {
  name: 'health',
  columns: [
    { name: 'uptime', unit: 's', exponent: 0, type: 'int' },
    { name: 'outboxRows', unit: 'count', exponent: 0, type: 'int' },
    { name: 'outboxSize', unit: 'B', exponent: 0, type: 'int' },
    { name: 'pendingBatches', unit: 'count', exponent: 0, type: 'int' },
    { name: 'unanchoredBatches', unit: 'count', exponent: 0, type: 'int' },
    { name: 'parkedBatches', unit: 'count', exponent: 0, type: 'int' },
    { name: 'droppedRows', unit: 'count', exponent: 0, type: 'int' },
    { name: 'subject', unit: '', exponent: 0, type: 'text' },
    { name: 'state', unit: '', exponent: 0, type: 'text' },
    { name: 'boardEpoch', unit: '', exponent: 0, type: 'int' },
  ],
  context: {
    method:
      'Counted by the machine runtime. droppedRows counts rows that a full outbox turned away, ever. A row with a subject says that ' +
      'this part (a sensor, the board, a valve) is now in this state: ok, or an error code; boardEpoch counts connections to the board.',
  },
}

/** Streams of this release, remembered in the outbox, then older ones that it still holds. */
export async function openStreams(options: readonly StreamOptions[], outbox: Outbox, hash: Hash): Promise<Stream[]> {
  const current = options.map(({ definition, recipients = [] }) => {
    return streamOf(encodeDefinition(definition), recipients, hash)
  })
  for (const stream of current) await outbox.putStream(stream.key, stream.definitionBytes)
  const held = await outbox.streams()
  const older = held.filter(({ key }) => !current.some((stream) => stream.key === key))
  return [...current, ...older.map(({ definition }) => streamOf(definition, [], hash))]
}

function streamOf(definitionBytes: Uint8Array, recipients: readonly Uint8Array[], hash: Hash): Stream {
  const digest = definitionHash(hash, definitionBytes)
  return {
    key: toHex(digest),
    definition: decodeDefinition(definitionBytes),
    definitionBytes,
    definitionHash: digest,
    recipients,
    dueMs: null,
  }
}
