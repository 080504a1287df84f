/** A machine without a gateway, and what becomes of its rows when it gets one. */
import { describe, expect, it } from 'vitest'
import { decodeStatement, pureHash } from '../../src/crypto/index.ts'
import { noLink } from '../../src/node/index.ts'
import { decodeBatch, type Row } from '../../src/wire/index.ts'
import { pass, record, startRig, until } from './rig.ts'

describe('a machine on its own', () => {
  it('signs at once what it measured, and keeps it', async () => {
    const rig = await startRig({ alone: true, timing: { headWaitMs: 600_000 } })
    await record(rig, 0, 4)
    await pass(rig, 100)
    await record(rig, 4, 8)
    await pass(rig, 100)
    expect(await rig.machine.usage()).toMatchObject({ rows: 0, pending: 2, logged: 0 })
    expect(rig.gateway.received).toBe(0)
    await rig.machine.stop()
  })

  it('sends its whole history, unchanged and in order, to the gateway that it is given later', async () => {
    const rig = await startRig({ alone: true })
    await record(rig, 0, 4)
    await pass(rig, 100)
    await record(rig, 4, 8)
    await pass(rig, 100)
    await rig.restart()
    await record(rig, 8, 10)
    await pass(rig, 11_000)
    const signed = rig.disk.state.batches.map(({ batch }) => batch.message)
    expect(signed).toHaveLength(3)
    await rig.restart({})
    await until(rig, () => rig.gateway.logged.length === 3)
    await record(rig, 10, 14)
    await until(rig, () => rig.gateway.logged.length === 4)
    expect(rig.gateway.rows('weather').map(({ values }) => values[0])).toEqual(Array.from({ length: 14 }, (_, i) => i))
    const statements = rig.gateway.logged.map(({ signed }) => signed)
    expect(statements.map(({ statement }) => statement.sequence)).toEqual([1, 2, 3, 4])
    expect(statements.slice(1).map(({ statement }) => statement.prev)).toEqual(
      statements.slice(0, 3).map(({ id }) => id),
    )
    const sent = signed.map((message) => decodeStatement(decodeBatch(message).statement, pureHash).id)
    expect(statements.slice(0, 3).map(({ id }) => id)).toEqual(sent)
    await rig.machine.stop()
  })

  it('tells of each row when it is durable, in order, as it will be signed', async () => {
    const seen: Row[] = []
    const onRow = (definition: { readonly name: string }, row: Row): void => {
      if (definition.name === 'weather') seen.push(row)
    }
    const rig = await startRig({ alone: true, timing: { flushMs: 5_000 }, onRow })
    void record(rig, 0, 1)
    void rig.machine.record('weather', { count: 1.6 })
    await pass(rig, 4_000)
    expect(seen).toEqual([])
    await pass(rig, 2_000)
    expect(seen.map(({ values }) => values)).toEqual([[0], [2]])
    await rig.machine.stop()
  })

  it('tells of no row that its outbox did not take', async () => {
    const seen: Row[] = []
    const rig = await startRig({ alone: true, maxBytes: 8, onRow: (_, row) => seen.push(row) })
    const refused = rig.machine
      .record('weather', { count: 10_000_000 })
      .then(() => rig.machine.record('weather', { count: 1 }))
    await expect(refused).rejects.toMatchObject({ code: 'outbox-full' })
    expect(seen.length).toBeLessThan(2)
  })
})

describe('the link of a machine on its own', () => {
  it('never comes up, refuses to publish, and closes', async () => {
    const link = noLink()
    await expect(link.publish('batch', new Uint8Array())).rejects.toMatchObject({ code: 'link-failed' })
    await link.close({ graceful: true })
  })
})
