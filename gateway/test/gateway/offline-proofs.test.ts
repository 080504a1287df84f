/** Proofs that need no network, made by a whole gateway over a real chain, and verified without either. */

import { readHeader } from '@fieldproof/sdk/evm'
import { nativeHash } from '@fieldproof/sdk/native'
import { addRows, decodeBundle, decodePlace, encodeBundle, type Report, verifyBundle } from '@fieldproof/sdk/verify'
import { decodeBatch, encodeDefinition } from '@fieldproof/sdk/wire'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rotateOnChain } from '../anchor/enrol-kit.ts'
import { AnvilRig } from './anvil-rig.ts'
import { type BatchChanges, recipientKey, rows, sealedFor, TestMachine, WEATHER, WEATHER_BYTES } from './machine-kit.ts'

const SOIL = { ...WEATHER, name: 'soil' }
const DEFINITIONS = [WEATHER_BYTES, encodeDefinition(SOIL).slice()]

let rig: AnvilRig
const machine = new TestMachine()
const other = new TestMachine()

beforeAll(async () => {
  rig = await AnvilRig.start()
  for (const who of [machine, other]) await rig.enrol(who, DEFINITIONS)
}, 60_000)

afterAll(() => rig.stop())

/** Signs after the newest final block, and waits until it is logged. */
async function log(who: TestMachine, changes: BatchChanges = {}): Promise<number> {
  const beacon = await rig.beacon()
  const batch = who.next({ ...changes, said: { ...changes.said, beacon } })
  await rig.log(who, batch)
  return batch.said.sequence
}

function blockOf(file: Uint8Array): number {
  const { anchor } = decodeBundle(file, nativeHash)
  if (anchor.kind !== 'state') throw new Error('it carries no state')
  return readHeader(anchor.header).number
}

function expectProven({ checks, verdict, window }: Report): void {
  expect(checks.filter(({ status }) => status !== 'pass')).toEqual([])
  expect(verdict).toBe('pass')
  expect(window.notBefore).not.toBeNull()
  expect(window.notAfter).toBeGreaterThanOrEqual(window.notBefore ?? 0)
}

describe('offline proofs', () => {
  it('pass every check without a node, the lower bound too', async () => {
    await log(machine)
    await rig.anchor()
    const file = await rig.get(`/v1/proof?machine=${machine.id}&row=2&form=state`)
    const report = await rig.verifyOffline(file, blockOf(file))
    expectProven(report)
    expect(report.rows).toMatchObject([{ sequence: 1, index: 2 }])
  })

  it('do not pass with the hash of another block', async () => {
    const file = await rig.get(`/v1/proof?machine=${machine.id}&form=state`)
    expect((await rig.verifyOffline(file, blockOf(file) - 1)).verdict).toBe('fail')
  })

  it('span machines, streams and several anchors', async () => {
    const first = await log(machine, { definition: SOIL })
    await rig.anchor()
    const second = await log(other)
    await log(machine)
    await rig.anchor()
    const third = await log(other, { definition: SOIL })
    await log(machine)
    await rig.anchor()
    const at = [
      `${machine.id}:${first}:1`,
      `${machine.id}:${first}:3`,
      `${other.id}:${second}:2`,
      `${other.id}:${third}:1`,
    ]
    const file = await rig.get(`/v1/proof?${at.map((name) => `at=${name}`).join('&')}&form=state`)
    const bundle = decodeBundle(file, nativeHash)
    expect([bundle.keys.length, bundle.definitions.length, bundle.statements.length]).toEqual([2, 2, 3])
    expect((await rig.verifyOffline(file, blockOf(file))).verdict).toBe('pass')
    const online = await verifyBundle(file, { trust: { registry: rig.kit.contracts.registry }, rpc: rig.rpc })
    expect(online.verdict).toBe('pass')
  })

  it('of an older statement are of its own anchor, however many came after it', async () => {
    const file = await rig.get(`/v1/proof?at=${machine.id}:1:1&form=state`)
    const newest = (await rig.gateway.store.newestFinalAnchor())?.mined?.blockNumber ?? 0
    expect(blockOf(file)).toBeLessThan(newest)
    expectProven(await rig.verifyOffline(file, blockOf(file)))
  })

  it('span the rotation of a key', async () => {
    const before = await log(machine)
    await rig.anchor()
    const next = new TestMachine()
    await rotateOnChain(rig.kit, machine, next, machine.sequence + 1)
    await rig.announce(machine, next.birth(DEFINITIONS))
    const after = await log(machine, {
      signWith: next.privateKey,
      said: { kid: next.thumbprint.slice(0, 16) },
    })
    await rig.anchor()
    const file = await rig.get(`/v1/proof?at=${machine.id}:${before}:1&at=${machine.id}:${after}:1&form=state`)
    expect(decodeBundle(file, nativeHash).keys).toHaveLength(2)
    expect((await rig.verifyOffline(file, blockOf(file))).verdict).toBe('pass')
  })

  it('of sealed rows are made by their recipient, of the place and the batch that the gateway gives', async () => {
    const recipient = recipientKey()
    const sequence = await log(other, sealedFor(recipient.publicKey, rows(5)))
    await rig.anchor()
    const place = decodePlace(await rig.get(`/v1/place?at=${other.id}:${sequence}&form=state`), nativeHash)
    const batch = decodeBatch(await rig.get(`/v1/batch?machine=${other.id}&sequence=${sequence}`))
    const file = encodeBundle(addRows(place, [{ batch, rows: [4] }], nativeHash, recipient), nativeHash)
    const report = await rig.verifyOffline(file, blockOf(file))
    expectProven(report)
    expect(report.rows).toMatchObject([{ sequence, index: 4 }])
  })

  it('are still made after the chain has forgotten the states that they show', async () => {
    const before = await rig.get(`/v1/proof?at=${machine.id}:1:1&form=state`)
    await rig.restart()
    const proof = rig.rpc('eth_getProof', [`0x${'11'.repeat(20)}`, [], `0x${blockOf(before).toString(16)}`])
    await expect(proof).rejects.toMatchObject({ code: 'rpc-failed' })
    const file = await rig.get(`/v1/proof?at=${machine.id}:1:1&form=state`)
    expect(file).toEqual(before)
    expectProven(await rig.verifyOffline(file, blockOf(file)))
  })
})
