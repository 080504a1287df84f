/** Proofs as files: of rows, of places for those who hold the rows, and the messages that hold them. */
import { FieldproofError, type MachineId } from '@fieldproof/sdk/base'
import type { Hono } from 'hono'
import { z } from 'zod'
import type { StoredLeaf } from '../ledger/store.ts'
import { AnchorStates } from './anchor-states.ts'
import type { AppOptions } from './app-options.ts'
import { type BundleSources, buildBundle, buildPlace, type Pick } from './bundle.ts'
import { readRequest } from './problem.ts'
import type { ProofForm } from './proof-anchor.ts'
import { machine, octets, ordinal, position, statementAt } from './request.ts'

const MAX_PROOF_ROWS = 256
const MAX_PLACES = 64
/** What every machine says of itself; nobody who asks for a reading means it. */
const HEALTH = 'health'
/** Rows hashed for one proof: the tree of every batch is built again, whole. */
const MAX_OPENED_ROWS = 50_000

const form: z.ZodType<ProofForm> = z.enum(['transaction', 'state']).default('transaction')
const ROWS_OF_ONE = z.strictObject({
  machine,
  /** The newest anchored statement when left out. */
  sequence: position.optional(),
  /** Of this stream; without it of any that is not the machine's own health, unless there is no other. */
  stream: z.string().min(1).max(64).optional(),
  row: z.array(ordinal).min(1).max(MAX_PROOF_ROWS).default([1]),
  form,
})
const rowName = z
  .string()
  .transform((text): unknown => text.split(':'))
  .pipe(z.tuple([machine, position, ordinal], 'want MACHINE:SEQUENCE:ROW'))
const statementName = z
  .string()
  .transform((text): unknown => text.split(':'))
  .pipe(z.tuple([machine, position], 'want MACHINE:SEQUENCE'))
const ROWS_OF_MANY = z.strictObject({ at: z.array(rowName).min(1).max(MAX_PROOF_ROWS), form })
const PLACES = z.strictObject({ at: z.array(statementName).min(1).max(MAX_PLACES), form })
const BATCH = z.strictObject({ machine, sequence: position })

/** Adds `/v1/proof`, `/v1/place` and `/v1/batch`. */
export function addProofs(app: Hono, options: AppOptions): void {
  const states = new AnchorStates(options.store)
  app.get('/v1/proof', async (c) => {
    const at = c.req.queries('at')
    const wanted =
      at === undefined
        ? await one(options, c.req.query(), c.req.queries('row'))
        : await many(options, c.req.query(), at)
    const bytes = await buildBundle(wanted.picks, sourcesOf(options, states), wanted.form)
    return octets(c, bytes, { 'content-disposition': `attachment; filename="${wanted.name}.fpproof"` })
  })
  app.get('/v1/place', async (c) => {
    const { at, form } = readRequest(PLACES, { ...c.req.query(), at: c.req.queries('at') ?? [] })
    const leaves = new Map<number, StoredLeaf>()
    for (const [id, sequence] of at) {
      const leaf = await statementAt(options, id, sequence)
      leaves.set(leaf.index, leaf)
    }
    const bytes = await buildPlace([...leaves.values()], sourcesOf(options, states), form)
    return octets(c, bytes, { 'content-disposition': 'attachment; filename="statements.fpplace"' })
  })
  app.get('/v1/batch', async (c) => {
    const { machine: id, sequence } = readRequest(BATCH, c.req.query())
    const { message } = await statementAt(options, id, sequence)
    return octets(c, message, { 'content-disposition': `attachment; filename="${id}-${sequence.sequence}.fpbatch"` })
  })
}

interface WantedRows {
  readonly picks: readonly Pick[]
  readonly form: ProofForm
  /** For a file. */
  readonly name: string
}

/** Rows of one batch, the newest by default. */
async function one(options: AppOptions, query: object, row: readonly string[] | undefined): Promise<WantedRows> {
  const { machine: id, sequence, stream, row: rows, form } = readRequest(ROWS_OF_ONE, { ...query, row })
  if (sequence !== undefined && stream !== undefined) {
    throw new FieldproofError('request-invalid', 'request: want either sequence or stream: a sequence names one batch')
  }
  const leaf =
    sequence === undefined ? await newestAnchored(options, id, stream) : await statementAt(options, id, sequence)
  return { picks: [{ leaf, rows }], form, name: `${id}-${leaf.sequence}-${rows.join('-').slice(0, 64)}` }
}

/** Rows of any batches, each named in full. */
async function many(
  options: AppOptions,
  query: Readonly<Record<string, string>>,
  at: readonly string[],
): Promise<WantedRows> {
  if (query['machine'] !== undefined || query['sequence'] !== undefined || query['row'] !== undefined) {
    throw new FieldproofError('request-invalid', 'request: want either at, or machine with sequence and row')
  }
  const { at: wanted, form } = readRequest(ROWS_OF_MANY, { ...query, at })
  const picks = new Map<number, { readonly leaf: StoredLeaf; readonly rows: number[] }>()
  for (const [id, sequence, row] of wanted) {
    const leaf = await statementAt(options, id, sequence)
    const pick = picks.get(leaf.index) ?? { leaf, rows: [] }
    pick.rows.push(row)
    picks.set(leaf.index, pick)
  }
  const opened = [...picks.values()].reduce((sum, { leaf }) => sum + leaf.rowCount, 0)
  if (opened > MAX_OPENED_ROWS) {
    const why = `these batches have ${opened} rows, and one request opens ${MAX_OPENED_ROWS}: ask for fewer batches at once`
    throw new FieldproofError('request-invalid', why)
  }
  return { picks: [...picks.values()], form, name: `${wanted.length}-rows` }
}

/** The newest open batch of a machine that a final anchor covers: sealed rows cannot be proven here, and gaps do not matter. */
async function newestAnchored({ store }: AppOptions, id: MachineId, wanted?: string): Promise<StoredLeaf> {
  const below = (await store.newestFinalAnchor())?.head.size ?? 0
  let newest: StoredLeaf | undefined
  let health: StoredLeaf | undefined
  for (const stream of wanted === undefined ? await store.streams(id) : [wanted]) {
    const query = { machine: id, stream, from: 0, below, limit: 1, newestFirst: true }
    const [leaf] = await store.batches(query)
    if (leaf === undefined) continue
    if (stream === HEALTH && wanted === undefined) health = leaf
    else if (leaf.sequence > (newest?.sequence ?? 0)) newest = leaf
  }
  const found = newest ?? health
  if (found !== undefined) return found
  if (wanted !== undefined) {
    const detail = `no open batch of stream ${wanted} of machine ${id} is anchored yet; ask again in a while`
    throw new FieldproofError('not-anchored-yet', detail)
  }
  const [sealed] = await store.idsOf(id, 1, below, 1)
  const [leaf] = sealed === undefined ? [] : await store.leaves(sealed.index, sealed.index + 1)
  if (leaf !== undefined) {
    throw new FieldproofError(
      'request-invalid',
      `all anchored rows of machine ${id} are sealed: only their recipients can prove them. Name one (at=${id}:${leaf.sequence}:1) and open it with the recipient's key (fieldproof proof --open-with KEY)`,
    )
  }
  throw new FieldproofError('not-anchored-yet', `no statement of machine ${id} is anchored yet; ask again in a while`)
}

function sourcesOf(
  { store, ledger, directory, hash, chain, registry }: AppOptions,
  states: AnchorStates,
): BundleSources {
  if (chain === null) throw new FieldproofError('not-anchored-yet', 'this gateway anchors nowhere')
  return {
    hash,
    tree: ledger.tree,
    caip2: chain.caip2,
    registry: chain.registry,
    logId: chain.logId,
    coseKeyOf: (thumbprint) => directory.coseKeyOf(thumbprint),
    definitionBytes: (digest) => store.definition(digest),
    definitionOf: (digest) => directory.definitionOf(digest),
    finalAnchorCovering: (index) => store.finalAnchorCovering(index),
    entries: registry,
    states,
  }
}
