/**
 * The gateway over HTTP: what dashboards read, what auditors fetch (C2SP tiles and checkpoint), proofs as files, and
 * enrolment. Nothing here decides anything: whoever verifies takes a file and asks a chain.
 */
import { FieldproofError, fromHex, type Hash32, type MachineId, machineId, toHex } from '@fieldproof/sdk/base'
import { decodeStatement, type Hash } from '@fieldproof/sdk/crypto'
import {
  encodeEntryBundle,
  encodeVerifierKey,
  hashTile,
  parseTilePath,
  TILE_WIDTH,
  tileWidth,
} from '@fieldproof/sdk/merkle'
import { type StreamDefinition, topicOf } from '@fieldproof/sdk/wire'
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { secureHeaders } from 'hono/secure-headers'
import { z } from 'zod'
import type { KeyDirectory } from '../ingest/key-directory.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { MachineSummary, Store, StoredLeaf } from '../ledger/store.ts'
import { buildBundle } from './bundle.ts'
import type { EnrolRelay } from './enrol.ts'
import type { Metrics } from './metrics.ts'
import { problem, readRequest } from './problem.ts'
import { type Reading, readingsOf } from './readings.ts'

/** Where the log is anchored, for those who ask. */
export interface ChainFacts {
  readonly chainId: number
  readonly caip2: string
  readonly registry: Uint8Array
  readonly anchorLog: Uint8Array
  readonly logId: Hash32
}

/** What is served. */
export interface AppOptions {
  readonly store: Store
  readonly ledger: Ledger
  readonly directory: KeyDirectory
  readonly hash: Hash
  readonly metrics: Metrics
  /** Null when nothing is anchored. */
  readonly chain: ChainFacts | null
  readonly enrol: EnrolRelay | null
  readonly mqttUrl: () => string
  readonly online: () => ReadonlySet<MachineId>
  readonly isHealthy: () => boolean
}

const MAX_BODY_BYTES = 16_384
const MAX_ROWS = 2_000
const DEFAULT_ROWS = 100
/** Batches opened for one answer: bounds its work when batches are small. */
const MAX_BATCHES = 500
/** Rows decoded for one answer: bounds its work when few rows of large batches are wanted. */
const MAX_DECODED_ROWS = 50_000
const MAX_PROOF_ROWS = 256
const OCTETS = 'application/octet-stream'

const count = z
  .string()
  .regex(/^\d{1,15}$/, 'want a whole number')
  .transform(Number)
const machine = z.string().transform((text, issues) => {
  try {
    return machineId(text)
  } catch {
    issues.addIssue({ code: 'custom', message: 'want a machine id: 26 characters of base32' })
    return z.NEVER
  }
})
const hex = (bytes: readonly number[]): z.ZodType<Uint8Array> =>
  z
    .string()
    .regex(
      new RegExp(`^(0x)?(${bytes.map((n) => `[0-9a-fA-F]{${2 * n}}`).join('|')})$`),
      `want ${bytes.join(' or ')} bytes in hex`,
    )
    .transform((text) => fromHex(text)) as unknown as z.ZodType<Uint8Array>
const publicKey = hex([32, 64])
const ROWS = z.strictObject({
  stream: z.string().min(1).max(64),
  from: count.optional(),
  limit: count.pipe(z.number().min(1).max(MAX_ROWS)).default(DEFAULT_ROWS),
})
const PROOF = z.strictObject({
  machine,
  /** The newest anchored statement when left out. */
  sequence: count.pipe(z.number().min(1)).optional(),
  row: z
    .array(count.pipe(z.number().min(1)))
    .min(1)
    .max(MAX_PROOF_ROWS)
    .default([1]),
})
const ENROL = z.strictObject({ publicKey, deadline: z.number().int().min(0), signature: hex([64]) })

/** The HTTP application. */
export function createApp(options: AppOptions): Hono {
  const app = new Hono()
  app.use(secureHeaders({ crossOriginResourcePolicy: 'cross-origin' }))
  app.use(
    bodyLimit({
      maxSize: MAX_BODY_BYTES,
      onError: (c) => problem(c, new FieldproofError('too-large', `a body has at most ${MAX_BODY_BYTES} bytes`)),
    }),
  )
  app.onError((error, c) => problem(c, error))
  app.notFound((c) => problem(c, new FieldproofError('not-found', `there is nothing at ${c.req.path}`)))
  addState(app, options)
  addMachines(app, options)
  addProofs(app, options)
  addLog(app, options)
  if (options.enrol !== null) addEnrolment(app, options.enrol)
  return app
}

function addState(app: Hono, { ledger, hash, chain, mqttUrl, isHealthy, metrics }: AppOptions): void {
  app.get('/healthz', (c) => (isHealthy() ? c.json({ status: 'ok' }) : c.json({ status: 'stopped' }, 503)))
  app.get('/v1/info', (c) => {
    const { origin, logKey } = ledger.identity
    return c.json({
      origin,
      vkey: encodeVerifierKey(origin, logKey, hash),
      logKey: toHex(logKey),
      chainId: chain?.chainId ?? null,
      registry: chain && `0x${toHex(chain.registry)}`,
      anchorLog: chain && `0x${toHex(chain.anchorLog)}`,
      logId: chain && `0x${toHex(chain.logId)}`,
      mqttUrl: mqttUrl(),
      size: ledger.head.size,
    })
  })
  app.get('/metrics', async (c) => c.text(await metrics.text(), 200, { 'content-type': metrics.contentType }))
}

function addMachines(app: Hono, options: AppOptions): void {
  const { store, ledger, directory, hash, online } = options
  app.get('/v1/machines', async (c) => {
    const machines = await store.machines()
    return c.json({ machines: machines.map((summary) => summaryJson(summary, online())) })
  })
  app.get('/v1/machines/:id', async (c) => {
    const id = readRequest(machine, c.req.param('id'))
    const summary = (await store.machines()).find((m) => m.machine === id) ?? missing(`machine ${id}`)
    const newest = await store.newestLeaf(id)
    const streams = []
    for (const name of await store.streams(id)) {
      const definition = await streamDefinition(options, id, name)
      if (definition !== null) streams.push(streamJson(definition))
    }
    return c.json({ ...summaryJson(summary, online()), head: newest && statementJson(newest, hash), streams })
  })
  app.get('/v1/machines/:id/rows', async (c) => {
    const id = readRequest(machine, c.req.param('id'))
    const { stream, from, limit } = readRequest(ROWS, c.req.query())
    const newestFirst = from === undefined
    const query = { machine: id, stream, from: from ?? 0, below: ledger.head.size, limit: MAX_BATCHES, newestFirst }
    const anchoredSize = (await store.newestFinalAnchor())?.head.size ?? 0
    const rows: Reading[] = []
    let definition: StreamDefinition | null = null
    let decoded = 0
    for (const leaf of await store.batches(query)) {
      if (rows.length >= limit || decoded >= MAX_DECODED_ROWS) break
      decoded += leaf.rowCount
      const own = (await directory.definitionOf(leaf.definitionHash)) ?? missing('stream definition')
      definition ??= own
      const readings = readingsOf(leaf, own, anchoredSize, hash).filter(({ time }) => time >= query.from)
      rows.push(...(newestFirst ? [...readings].reverse() : readings))
    }
    const page = rows.slice(0, limit)
    if (newestFirst) page.reverse()
    return c.json({ machine: id, ...(definition ? streamJson(definition) : { stream, columns: [] }), rows: page })
  })
}

function addProofs(app: Hono, { store, ledger, directory, hash, chain }: AppOptions): void {
  app.get('/v1/proof', async (c) => {
    const { machine: id, sequence, row } = readRequest(PROOF, { ...c.req.query(), row: c.req.queries('row') })
    if (chain === null) throw new FieldproofError('not-anchored-yet', 'this gateway anchors nowhere')
    const leaf = sequence === undefined ? await newestAnchored(store, id) : await statementAt(store, id, sequence)
    const bytes = await buildBundle([{ leaf, rows: row }], {
      hash,
      tree: ledger.tree,
      caip2: chain.caip2,
      logId: chain.logId,
      coseKeyOf: (thumbprint) => directory.coseKeyOf(thumbprint),
      definitionBytes: (digest) => store.definition(digest),
      definitionOf: (digest) => directory.definitionOf(digest),
      finalAnchorCovering: (index) => store.finalAnchorCovering(index),
    })
    const name = `${id}-${leaf.sequence}-${row.join('-').slice(0, 64)}.fpproof`
    return octets(c, bytes, { 'content-disposition': `attachment; filename="${name}"` })
  })
}

async function statementAt(store: Store, id: MachineId, sequence: number): Promise<StoredLeaf> {
  return (await store.leavesAt(id, sequence))[0] ?? missing(`statement ${sequence} of machine ${id}`)
}

/** The newest open batch of a machine that a final anchor covers: sealed rows cannot be proven here, and gaps do not matter. */
async function newestAnchored(store: Store, id: MachineId): Promise<StoredLeaf> {
  const below = (await store.newestFinalAnchor())?.head.size ?? 0
  let newest: StoredLeaf | undefined
  for (const stream of await store.streams(id)) {
    const query = { machine: id, stream, from: 0, below, limit: 1, newestFirst: true }
    const [leaf] = await store.batches(query)
    if (leaf !== undefined && leaf.sequence > (newest?.sequence ?? 0)) newest = leaf
  }
  if (newest !== undefined) return newest
  throw new FieldproofError('not-anchored-yet', `no statement of machine ${id} is anchored yet; ask again in a while`)
}

/** C2SP: c2sp.org/tlog-checkpoint and c2sp.org/tlog-tiles. */
function addLog(app: Hono, { store, ledger }: AppOptions): void {
  app.get('/checkpoint', (c) => c.text(ledger.checkpoint(), 200, { 'cache-control': 'no-store' }))
  app.get('/tile/*', async (c) => {
    const { level, index, width } = parseTilePath(c.req.path.slice(1))
    if (tileWidth(level, index, ledger.head.size) < width) missing('tile of that width')
    // A tile never changes: a wider one has another name.
    const headers = { 'cache-control': 'public, max-age=31536000, immutable' }
    if (level !== 'entries') return octets(c, hashTile(ledger.tree, level, index, width), headers)
    const leaves = await store.readLeaves(index * TILE_WIDTH, index * TILE_WIDTH + width)
    return octets(c, encodeEntryBundle(leaves.map(({ bytes }) => bytes)), headers)
  })
}

function addEnrolment(app: Hono, relay: EnrolRelay): void {
  app.get('/v1/enrol', async (c) => {
    const query = readRequest(z.strictObject({ publicKey }), c.req.query())
    const { machine: id, owner, homeLog, nonce, deadline, digest } = await relay.challenge(query.publicKey)
    const [ownerHex, logHex, digestHex] = [owner, homeLog, digest].map((bytes) => `0x${toHex(bytes)}`)
    return c.json({ machine: id, owner: ownerHex, homeLog: logHex, nonce, deadline, digest: digestHex })
  })
  app.post('/v1/enrol', async (c) => {
    const body: unknown = await c.req.json().catch(() => undefined)
    const { machine: id, isNew } = await relay.enrol(readRequest(ENROL, body))
    return c.json({ machine: id, isNew }, isNew ? 201 : 200)
  })
}

/** Definition of the newest batch of a stream. */
async function streamDefinition(
  { store, directory, ledger }: AppOptions,
  id: MachineId,
  stream: string,
): Promise<StreamDefinition | null> {
  const query = { machine: id, stream, from: 0, below: ledger.head.size, limit: 1, newestFirst: true }
  const [newest] = await store.batches(query)
  return newest === undefined ? null : await directory.definitionOf(newest.definitionHash)
}

function summaryJson(summary: MachineSummary, online: ReadonlySet<MachineId>): object {
  return { ...summary, online: online.has(summary.machine), topic: topicOf(summary.machine, 'batch') }
}

function streamJson({ name, columns, context }: StreamDefinition): object {
  return {
    stream: name,
    columns: columns.map(({ name: column, unit, exponent, type }) => ({ name: column, unit, exponent, type })),
    method: context.method ?? null,
    cadenceMs: context.cadenceMs ?? null,
  }
}

function statementJson(leaf: StoredLeaf, hash: Hash): object {
  const { statement } = decodeStatement(leaf.statement, hash)
  return {
    id: toHex(leaf.id),
    sequence: leaf.sequence,
    boot: toHex(leaf.boot),
    stream: leaf.stream,
    logIndex: leaf.index,
    link: leaf.link,
    rows: leaf.rowCount,
    issuedAt: statement.issuedAt,
    receivedAt: leaf.receivedAt,
  }
}

function octets(c: Context, bytes: Uint8Array, headers: Record<string, string>): Response {
  return c.body(new Uint8Array(bytes), 200, { 'content-type': OCTETS, ...headers })
}

function missing(what: string): never {
  throw new FieldproofError('not-found', `there is no ${what}`)
}
