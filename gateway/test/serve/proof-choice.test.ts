/** Which statements a proof is of, and which anchor it names. */
import { bootId, FieldproofError, toHex } from '@fieldproof/sdk/base'
import type { KeyEntry } from '@fieldproof/sdk/evm'
import { nativeHash } from '@fieldproof/sdk/native'
import { decodeBundle } from '@fieldproof/sdk/verify'
import { beforeEach, describe, expect, it } from 'vitest'
import { everyKeyEnrolled } from '../../src/index.ts'
import { entryOf, recipientKey, rows, sealedFor, TestMachine } from '../gateway/machine-kit.ts'
import { HttpRig } from './http-kit.ts'

const OTHER_BOOT = bootId(new Uint8Array(8).fill(9))

describe('proofs over HTTP', () => {
  let rig: HttpRig

  beforeEach(async () => {
    rig = await HttpRig.open()
  })

  it('are refused when a verifier would refuse them, and are of a later anchor when that one is good', async () => {
    const other = await rig.born(new TestMachine())
    await rig.log(rig.machine, 1)
    await rig.anchor(undefined, 70)
    await rig.log(other, 1)
    await rig.anchor(undefined, 80)
    enrol({ [toHex(rig.machine.thumbprint)]: { revokedBlock: 75 } })
    const [first, second] = [`at=${rig.machine.id}:1:1`, `at=${other.id}:1:1`]
    for (const form of ['transaction', 'state']) {
      const response = await rig.app.request(`/v1/proof?${first}&${second}&form=${form}`)
      const { code, detail } = (await response.json()) as { code: string; detail: string }
      expect([response.status, code]).toEqual([404, 'state-unavailable'])
      expect(detail).toContain('in force')
      expect(detail).not.toContain('form=')
    }
    expect((await rig.app.request(`/v1/proof?${first}`)).status).toBe(200)
    expect((await rig.app.request(`/v1/proof?${second}`)).status).toBe(200)
    enrol({ [toHex(rig.machine.thumbprint)]: { fromBlock: 75 } })
    const { anchor } = decodeBundle(await rig.fetched(`/v1/proof?${first}`), nativeHash)
    expect(anchor).toMatchObject({ blockNumber: 80, size: 3 })
  })

  it.each([
    ['was never the home', null],
    ['was the home later', { sinceBlock: 71, untilBlock: 0 }],
    ['was the home earlier', { sinceBlock: 1, untilBlock: 70 }],
  ])('are refused when the log %s of the machine', async (_what, home) => {
    await rig.log(rig.machine, 1)
    await rig.anchor()
    rig.registry.homeSince = async () => home
    await rig.expectProblem(`/v1/proof?machine=${rig.machine.id}`, 404, 'state-unavailable')
    rig.registry.homeSince = async () => ({ sinceBlock: 70, untilBlock: 71 })
    expect((await rig.app.request(`/v1/proof?machine=${rig.machine.id}`)).status).toBe(200)
  })

  it('are made when the registry cannot be asked: whoever verifies asks it anyway', async () => {
    await rig.log(rig.machine, 1)
    await rig.anchor()
    rig.registry.keyOf = async () => {
      throw new FieldproofError('rpc-failed', 'no answer')
    }
    expect((await rig.app.request(`/v1/proof?machine=${rig.machine.id}`)).status).toBe(200)
  })

  it('and messages are of statements that a signed head has', async () => {
    await rig.log(rig.machine, 1)
    await rig.store.append([rig.entry(rig.machine)], []) // G2 and no further
    for (const path of [
      `proof?machine=${rig.machine.id}&sequence=2`,
      `proof?at=${rig.machine.id}:2:1`,
      `place?at=${rig.machine.id}:2`,
      `batch?machine=${rig.machine.id}&sequence=2`,
    ]) {
      await rig.expectProblem(`/v1/${path}`, 404, 'not-anchored-yet')
    }
    expect((await rig.app.request(`/v1/batch?machine=${rig.machine.id}&sequence=1`)).status).toBe(200)
  })

  it('say how to get one of a machine that seals all its rows', async () => {
    await rig.append({ ...rig.entry(rig.machine, sealedFor(recipientKey().publicKey, rows(3))), times: null })
    await rig.expectProblem(`/v1/proof?machine=${rig.machine.id}`, 404, 'not-anchored-yet')
    await rig.anchor()
    const response = await rig.app.request(`/v1/proof?machine=${rig.machine.id}`)
    const { code, detail } = (await response.json()) as { code: string; detail: string }
    expect(code).toBe('request-invalid')
    expect(detail).toMatch(new RegExp(`sealed.*at=${rig.machine.id}:1:1.*--open-with`))
  })

  it('of a sequence that a branch gave twice are of the one that is named by its place in the log', async () => {
    const [first, second] = [rig.entry(rig.machine), rig.entry(rig.machine)]
    const branch = rig.machine.at(2, first.id, { said: { boot: OTHER_BOOT } })
    await rig.append(first, second, { ...entryOf(rig.machine, branch), times: second.times })
    await rig.anchor()
    const { id } = rig.machine
    for (const path of [
      `proof?at=${id}:2:1`,
      `proof?machine=${id}&sequence=2`,
      `place?at=${id}:2`,
      `batch?machine=${id}&sequence=2`,
    ]) {
      const response = await rig.app.request(`/v1/${path}`)
      const { code, detail } = (await response.json()) as { code: string; detail: string }
      expect([code, detail]).toEqual(['request-invalid', expect.stringContaining('log indexes 2, 3')])
    }
    const indexOf = async (path: string): Promise<unknown> =>
      decodeBundle(await rig.fetched(path), nativeHash).statements.map(({ logIndex }) => logIndex)
    expect(await indexOf(`/v1/proof?at=${id}:2@3:1`)).toEqual([3])
    expect(await indexOf(`/v1/proof?machine=${id}&sequence=2@2`)).toEqual([2])
    expect(await indexOf(`/v1/proof?at=${id}:2@3:1&at=${id}:2@2:1`)).toEqual([2, 3])
    expect(await rig.fetched(`/v1/batch?machine=${id}&sequence=2@3`)).toEqual(branch.message)
    await rig.expectProblem(`/v1/proof?at=${id}:2@1:1`, 404, 'not-found')
  })

  /** Makes the registry say something else of some keys. */
  function enrol(changes: Readonly<Record<string, Partial<KeyEntry>>>): void {
    rig.registry.keyOf = async (thumbprint) => {
      const entry = await everyKeyEnrolled.keyOf(thumbprint)
      return entry && { ...entry, ...changes[toHex(thumbprint)] }
    }
  }

  it.each([
    ['a log index of 0', '/v1/proof?at=ID:1@0:1'],
    ['an empty log index', '/v1/proof?at=ID:1@:1'],
    ['two log indexes', '/v1/proof?at=ID:1@1@1:1'],
    ['a log index and no sequence', '/v1/batch?machine=ID&sequence=@1'],
  ])('are refused for %s', async (_name, path) => {
    await rig.log(rig.machine, 1)
    await rig.anchor()
    await rig.expectProblem(path.replaceAll('ID', rig.machine.id), 400, 'request-invalid')
  })
})
