/** An image of the card that was made some time ago is put back: the machine does not know what it has signed since. */
import { describe, expect, it } from 'vitest'
import { equalBytes, toHex } from '../../src/base/index.ts'
import { decodeStatement, pureHash } from '../../src/crypto/index.ts'
import type { MemoryDisk } from '../../src/testing/index.ts'
import { decodeBatch } from '../../src/wire/index.ts'
import { MACHINE_ID, pass, type Rig, record, startRig, until } from './rig.ts'

/** Signs three statements, and puts back a card that knows the first only. */
async function restored(): Promise<Rig> {
  const rig = await startRig({ timing: { headWaitMs: 3_000 } })
  await record(rig, 0, 4)
  await until(rig, () => rig.gateway.logged.length === 1)
  const { head, batches } = rig.disk.state
  const image: Partial<MemoryDisk['state']> = { head, rows: [] }
  const known = batches.slice()
  await record(rig, 4, 8)
  await until(rig, () => rig.gateway.logged.length === 2)
  await record(rig, 8, 12)
  await until(rig, () => rig.gateway.logged.length === 3)
  const newest = rig.gateway.logged[2]
  if (newest === undefined) return expect.fail('want three statements')
  rig.hub.publish(MACHINE_ID, 'head', newest.batch.statement, { retain: true })
  await pass(rig, 100)
  Object.assign(rig.disk.state, image)
  batches.splice(0, batches.length, ...known)
  return rig
}

describe('a card restored from an old image', () => {
  it('goes on after the newest logged statement when it can ask for it (HIST-30)', async () => {
    const rig = await restored()
    await rig.restart()
    await record(rig, 12, 16)
    await until(rig, () => rig.gateway.logged.length === 4)
    const [, , third, fourth] = rig.gateway.logged.map(({ signed }) => signed)
    expect(fourth?.statement).toMatchObject({ sequence: 4, prev: third?.id })
  })

  it('signs a branch offline, under a boot that no earlier statement has, and never a fork (HIST-13, HIST-31)', async () => {
    const rig = await restored()
    rig.hub.setUp(false)
    await rig.restart()
    await record(rig, 12, 16)
    await pass(rig, 10_000)
    const [branch] = rig.disk.state.batches.slice(-1)
    if (branch === undefined) return expect.fail('signed nothing')
    const { statement } = decodeStatement(decodeBatch(branch.batch.message).statement, pureHash)
    const [first, second] = rig.gateway.logged.map(({ signed }) => signed)
    expect(statement).toMatchObject({ sequence: 2, prev: first?.id })
    expect(equalBytes(statement.boot, second?.statement.boot ?? statement.boot)).toBe(false)
  })

  it('joins the history again when the network is back, and no two statements have one boot and sequence (HIST-13)', async () => {
    const rig = await restored()
    rig.hub.setUp(false)
    await rig.restart()
    await record(rig, 12, 16)
    await pass(rig, 10_000)
    rig.hub.setUp(true)
    await until(rig, () => rig.gateway.logged.length === 4)
    await record(rig, 16, 20)
    await until(rig, () => rig.gateway.logged.length === 5)
    const statements = rig.gateway.logged.map(({ signed }) => signed.statement)
    expect(statements.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 2, 4])
    expect(statements[4]?.prev).toEqual(rig.gateway.logged[2]?.signed.id)
    const places = statements.map(({ boot, sequence }) => `${toHex(boot)}:${sequence}`)
    expect(new Set(places).size).toBe(places.length)
  })
})
