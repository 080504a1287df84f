/** Machines, their streams and their rows, for dashboards. */
import { type MachineId, toHex } from '@fieldproof/sdk/base'
import { decodeStatement, type Hash } from '@fieldproof/sdk/crypto'
import { type StreamDefinition, topicOf } from '@fieldproof/sdk/wire'
import type { Hono } from 'hono'
import { z } from 'zod'
import type { MachineSummary, StoredLeaf } from '../ledger/store.ts'
import type { AppOptions } from './app-options.ts'
import { readRequest } from './problem.ts'
import { type Reading, readingsOf } from './readings.ts'
import { count, machine, missing } from './request.ts'

const MAX_ROWS = 2_000
const DEFAULT_ROWS = 100
/** Batches opened for one answer: bounds its work when batches are small. */
const MAX_BATCHES = 500
/** Rows decoded for one answer: bounds its work when few rows of large batches are wanted. */
const MAX_DECODED_ROWS = 50_000
const ROWS = z.strictObject({
  stream: z.string().min(1).max(64),
  from: count.optional(),
  limit: count.pipe(z.number().min(1).max(MAX_ROWS)).default(DEFAULT_ROWS),
})

/** Adds `/v1/machines` and what is below it. */
export function addMachines(app: Hono, options: AppOptions): void {
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
