/** Rows of the gateway's database: disks rot, and an operator may restore the wrong file. */
import { encodeCbor } from '@fieldproof/sdk/wire'
import type { Target } from '../../../../sdk/test/fuzz/engine.ts'
import type { Json } from '../../../../sdk/test/fuzz/json-edits.ts'
import { LibsqlAnchors } from '../../../src/ledger/libsql-anchors.ts'
import type { CellRow, DatabaseFile } from '../../../src/ledger/libsql-database.ts'
import { readLeaf, readNeighbour } from '../../../src/ledger/libsql-rows.ts'

const blob = (byte: string, length: number): Json => ({ $: byte.repeat(length) })

const LEAF: Json = {
  idx: 3,
  machine_id: 'aztnqoryk6w7sod3oucckhp6c4',
  boot: blob('01', 8),
  sequence: 2,
  id: blob('02', 32),
  prev: blob('03', 32),
  definition_hash: blob('04', 32),
  stream_name: 'weather',
  key_hash: blob('05', 32),
  statement: blob('06', 40),
  message: blob('07', 90),
  leaf_hash: blob('08', 32),
  row_count: 3,
  first_time: 1,
  last_time: 2,
  received_at: 3,
  link: 'linked',
}
const ANCHOR: Json = {
  id: 1,
  state: 'final',
  size: 5,
  root: blob('01', 32),
  tx_hash: blob('02', 32),
  block_number: 7,
  block_hash: blob('03', 32),
  nonce: 4,
  raw: blob('04', 90),
}

/** Cells that are bytes are `{"$": hex}`. */
function rowOf(value: Json): CellRow {
  if (typeof value !== 'object' || value === null) return {}
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => {
      const spelled = typeof part === 'object' && part !== null ? (part as Record<string, Json>)['$'] : undefined
      return [name, typeof spelled === 'string' ? Uint8Array.from(Buffer.from(spelled, 'hex')) : part]
    }),
  )
}

/** A database that answers everything with one row. */
function fileOf(row: CellRow): DatabaseFile {
  return {
    prepare: () => ({ run: () => ({ changes: 1, lastInsertRowid: 1 }), get: () => row, all: () => [row] }),
    exec: () => undefined,
    transaction: (task) => task(),
    close: () => undefined,
  }
}

const rows: readonly Target<Json>[] = [
  { name: 'gateway: stored leaf', form: 'json', samples: [LEAF], run: (value) => readLeaf(rowOf(value)) },
  {
    name: 'gateway: stored neighbour',
    form: 'json',
    weight: 0.5,
    samples: [LEAF],
    run: (value) => readNeighbour(rowOf(value)),
  },
  {
    name: 'gateway: stored anchor',
    form: 'json',
    samples: [ANCHOR],
    run: (value) => new LibsqlAnchors(fileOf(rowOf(value))).anchorsIn('final'),
  },
]
const evidence: Target<Uint8Array> = {
  name: 'gateway: stored evidence',
  form: 'cbor',
  samples: [encodeCbor([2, new Uint8Array(500), new Uint8Array(8), new Uint8Array(4), new Uint8Array(8)])],
  run: (bytes) => new LibsqlAnchors(fileOf({ evidence: bytes, bytes: new Uint8Array(64) })).anchorEvidence(1),
}

/** Targets of this kind. */
export const STORE_TARGETS: readonly (Target<Json> | Target<Uint8Array>)[] = [...rows, evidence]
