/** Proof files from a gateway: made there, or here from the place that the gateway gives and rows that only we can open. */
import { FieldproofError } from '../base/index.ts'
import { decodeStatement } from '../crypto/index.ts'
import { nativeHash } from '../native/index.ts'
import { fetchBytes } from '../node/gateway-info.ts'
import {
  addRows,
  type Bundle,
  type BundleAnchor,
  type BundleRow,
  decodeBundle,
  decodePlace,
  encodeBundle,
  type RecipientKey,
  type ShownRows,
} from '../verify/index.ts'
import { type Batch, decodeBatch, decodeDefinition, MAX_BUNDLE_BYTES, MAX_MESSAGE_BYTES } from '../wire/index.ts'
import { usageError } from './command.ts'
import { batchName, type Wanted, type WantedRow } from './proof-wanted.ts'

/** How a proof shows that its log was anchored. */
type ProofForm = BundleAnchor['kind']

/**
 * A proof that the gateway makes.
 * @throws FieldproofError `link-failed` with the gateway's own reason, `bundle-invalid` when it is of other rows
 */
export async function fetchProof(gateway: string, wanted: Wanted, form: ProofForm): Promise<Uint8Array> {
  const query = new URLSearchParams({ form })
  if ('newestOf' in wanted) {
    query.set('machine', wanted.newestOf)
    if (wanted.stream !== undefined) query.set('stream', wanted.stream)
    query.set('row', String(wanted.row))
  } else {
    for (const one of wanted.rows) query.append('at', `${batchName(one)}:${one.row}`)
  }
  const bytes = await fetchBytes(gateway, `/v1/proof?${query}`, {}, MAX_BUNDLE_BYTES)
  assertShows(decodeBundle(bytes, nativeHash), wanted)
  return bytes
}

/**
 * A proof that is made here: the gateway learns which batches are asked for, not which rows. Nothing is opened before it is
 * known to be what was asked for: a gateway could send another batch that is sealed for the same key, and have it shown.
 */
export async function openProof(
  gateway: string,
  wanted: Wanted,
  form: ProofForm,
  recipient: RecipientKey,
): Promise<Uint8Array> {
  if ('newestOf' in wanted) throw usageError('--open-with: name the batch, with --sequence N or --at')
  const query = new URLSearchParams({ form })
  const shown: ShownRows[] = []
  for (const [name, rows] of byBatch(wanted.rows)) {
    query.append('at', name)
    shown.push({ batch: await fetchBatch(gateway, name), rows })
  }
  const place = await fetchBytes(gateway, `/v1/place?${query}`, {}, MAX_BUNDLE_BYTES)
  const bundle = addRows(decodePlace(place, nativeHash), shown, nativeHash, recipient)
  assertShows(bundle, wanted)
  return encodeBundle(bundle, nativeHash)
}

/** Rows by the name of their batch. */
function byBatch(rows: readonly WantedRow[]): ReadonlyMap<string, readonly number[]> {
  const batches = new Map<string, number[]>()
  for (const one of rows) {
    const name = batchName(one)
    batches.set(name, [...(batches.get(name) ?? []), one.row])
  }
  return batches
}

async function fetchBatch(gateway: string, name: string): Promise<Batch> {
  const [machine = '', sequence = ''] = name.split(':')
  const query = new URLSearchParams({ machine, sequence })
  const batch = decodeBatch(await fetchBytes(gateway, `/v1/batch?${query}`, {}, MAX_MESSAGE_BYTES))
  const { statement } = decodeStatement(batch.statement, nativeHash)
  if (`${statement.machine}:${statement.sequence}` === name.split('@')[0]) return batch
  throw otherThan(`batch ${name}`)
}

/** The file proves exactly the rows that were asked for. */
function assertShows({ definitions, statements, rows }: Bundle, wanted: Wanted): void {
  const batches = statements.map(({ bytes, logIndex, definition }) => ({
    ...decodeStatement(bytes, nativeHash).statement,
    logIndex,
    stream: decodeDefinition(definitions[definition] ?? new Uint8Array()).name,
  }))
  const isAsked = (
    row: BundleRow,
    batch: (Omit<WantedRow, 'row'> & { readonly stream: string }) | undefined,
  ): boolean => {
    if ('newestOf' in wanted) {
      const isStream = wanted.stream === undefined || batch?.stream === wanted.stream
      return batch?.machine === wanted.newestOf && isStream && row.index === wanted.row
    }
    return wanted.rows.some(
      (one) =>
        one.machine === batch?.machine &&
        one.sequence === batch.sequence &&
        one.row === row.index &&
        (one.logIndex === undefined || one.logIndex === batch.logIndex),
    )
  }
  const count = 'newestOf' in wanted ? 1 : new Set(wanted.rows.map((one) => `${batchName(one)}:${one.row}`)).size
  if (rows.length !== count || !rows.every((row) => isAsked(row, batches[row.statement]))) throw otherThan('the rows')
}

function otherThan(what: string): FieldproofError {
  return new FieldproofError('bundle-invalid', `the gateway answered with other rows than ${what} that you asked for`)
}
