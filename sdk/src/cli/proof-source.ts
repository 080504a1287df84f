/** Proof files from a gateway: made there, or here from the place that the gateway gives and rows that only we can open. */

import { nativeHash } from '../native/index.ts'
import { fetchBytes } from '../node/gateway-info.ts'
import { addRows, decodePlace, encodeBundle, type RecipientKey, type ShownRows } from '../verify/index.ts'
import { decodeBatch, MAX_BUNDLE_BYTES, MAX_MESSAGE_BYTES } from '../wire/index.ts'
import { usageError } from './command.ts'
import type { Wanted } from './proof-wanted.ts'

/** How a proof shows that its log was anchored. */
export type ProofForm = 'transaction' | 'state'

/** A proof that the gateway makes. @throws FieldproofError `link-failed` with the gateway's own reason */
export async function fetchProof(gateway: string, wanted: Wanted, form: ProofForm): Promise<Uint8Array> {
  const query = new URLSearchParams({ form })
  if ('newestOf' in wanted) {
    query.set('machine', wanted.newestOf)
    query.set('row', String(wanted.row))
  } else {
    for (const { machine, sequence, row } of wanted.rows) query.append('at', `${machine}:${sequence}:${row}`)
  }
  return fetchBytes(gateway, `/v1/proof?${query}`, {}, MAX_BUNDLE_BYTES)
}

/** A proof that is made here: the gateway learns which batches are asked for, not which rows. */
export async function openProof(
  gateway: string,
  wanted: Wanted,
  form: ProofForm,
  recipient: RecipientKey,
): Promise<Uint8Array> {
  if ('newestOf' in wanted) throw usageError('--open-with: name the batch, with --sequence N or --at')
  const rowsOf = new Map<string, number[]>()
  for (const { machine, sequence, row } of wanted.rows) {
    const name = `${machine}:${sequence}`
    rowsOf.set(name, [...(rowsOf.get(name) ?? []), row])
  }
  const query = new URLSearchParams({ form })
  const shown: ShownRows[] = []
  for (const [name, rows] of rowsOf) {
    query.append('at', name)
    const [machine = '', sequence = ''] = name.split(':')
    const batch = new URLSearchParams({ machine, sequence })
    shown.push({ batch: decodeBatch(await fetchBytes(gateway, `/v1/batch?${batch}`, {}, MAX_MESSAGE_BYTES)), rows })
  }
  const place = await fetchBytes(gateway, `/v1/place?${query}`, {}, MAX_BUNDLE_BYTES)
  return encodeBundle(addRows(decodePlace(place, nativeHash), shown, nativeHash, recipient), nativeHash)
}
