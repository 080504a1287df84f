import { createECDH, createHash, createPrivateKey, type KeyObject, sign } from 'node:crypto'
import { equalBytes, fromHex, type Hash32, hash32, toHex } from '@fieldproof/sdk/base'
import { encodeCoseKey, normalizeS } from '@fieldproof/sdk/crypto'
import { enrolmentDigest, type Rpc } from '@fieldproof/sdk/evm'
import { nativeHash } from '@fieldproof/sdk/native'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { accountOf } from '../../src/anchor/accounts.ts'
import { type Enrolment, relayEnrol } from '../../src/anchor/enrol.ts'
import { fetchNonce, registryKeys } from '../../src/anchor/registry.ts'
import { type AnvilKit, OPERATOR, RELAY, startAnvil } from './anvil-kit.ts'
import { digest } from './fake-chain.ts'

const DEADLINE = 4_000_000_000
const OWNER = accountOf(OPERATOR).address

let kit: AnvilKit
let homeLog: Hash32

beforeAll(async () => {
  kit = await startAnvil()
  homeLog = (await kit.openLog(1, 1)).logId
})

afterAll(() => kit.chain.stop())

interface Key {
  readonly privateKey: KeyObject
  readonly publicKey: Uint8Array
  readonly thumbprint: Hash32
}

function keyOf(label: string): Key {
  const ecdh = createECDH('prime256v1')
  ecdh.setPrivateKey(createHash('sha256').update(label).digest())
  const publicKey = new Uint8Array(ecdh.getPublicKey().subarray(1))
  const part = (start: number): string => Buffer.from(publicKey.subarray(start, start + 32)).toString('base64url')
  const jwk = { kty: 'EC', crv: 'P-256', d: ecdh.getPrivateKey('base64url'), x: part(0), y: part(32) }
  const thumbprint = hash32(nativeHash.sha256(encodeCoseKey({ alg: -9, publicKey })))
  return { privateKey: createPrivateKey({ format: 'jwk', key: jwk }), publicKey, thumbprint }
}

/** What the machine agrees to, signed as a machine signs everything: SHA-256 first, low s. */
function enrolment(key: Key, change: Partial<Enrolment> = {}): Enrolment {
  const terms = { owner: OWNER, homeLog, deadline: DEADLINE, ...change }
  const message = enrolmentDigest({
    chainId: kit.chain.chainId,
    registry: kit.contracts.registry,
    thumbprint: key.thumbprint,
    nonce: 0,
    ...terms,
  })
  const raw = sign('sha256', message, { key: key.privateKey, dsaEncoding: 'ieee-p1363' })
  return { publicKey: key.publicKey, signature: normalizeS(new Uint8Array(raw)), ...terms }
}

function relay(wish: Enrolment, privateKey = RELAY): ReturnType<typeof relayEnrol> {
  return relayEnrol({ rpcUrl: kit.chain.url, privateKey, registry: kit.contracts.registry }, wish)
}

describe('enrolment by relay', () => {
  it('enrols a machine for the owner that it named, with its home log, whoever pays', async () => {
    const key = keyOf('first')
    const { machine, isNew } = await relay(enrolment(key))
    expect(isNew).toBe(true)
    expect(equalBytes(machine, key.thumbprint.subarray(0, 16))).toBe(true)
    const reader = registryKeys(kit.rpc, kit.contracts.registry)
    expect(await reader.keyOf(key.thumbprint)).toMatchObject({ retiredBlock: 0, revokedBlock: 0 })
    expect(await reader.ownerOf(machine)).toEqual(OWNER)
    expect(await reader.homeOf(machine)).toEqual(homeLog)
    expect((await reader.homeSince(machine, homeLog))?.untilBlock).toBe(0)
    expect(await reader.homeSince(machine, digest('another log'))).toBeNull()
    expect(await fetchNonce(kit.rpc, kit.contracts.registry, machine)).toBe(0n)
  })

  it('is harmless when repeated, also at the same time', async () => {
    const wish = enrolment(keyOf('twice'))
    const outcomes = await Promise.all([relay(wish), relay(wish)])
    expect(outcomes.map((o) => o.isNew).sort()).toEqual([false, true])
    expect((await relay(wish)).isNew).toBe(false)
  })

  it('enrols many machines at once through one account', async () => {
    const keys = Array.from({ length: 8 }, (_, i) => keyOf(`fleet ${i}`))
    const outcomes = await Promise.all(keys.map((key) => relay(enrolment(key))))
    expect(outcomes.every((o) => o.isNew)).toBe(true)
  })

  it.each([
    [
      'a signature over other words',
      () => ({ ...enrolment(keyOf('bad')), owner: new Uint8Array(20).fill(3) }),
      'InvalidSignature',
    ],
    ['a deadline that has passed', () => enrolment(keyOf('late'), { deadline: 1 }), 'DeadlinePassed'],
    ['a home log that does not exist', () => enrolment(keyOf('homeless'), { homeLog: digest('no log') }), 'UnknownLog'],
    [
      'a key that is enrolled for another owner',
      () => enrolment(keyOf('first'), { owner: new Uint8Array(20).fill(4) }),
      'KeyExists',
    ],
  ])('refuses %s', async (_what, wish, revert) => {
    await expect(relay(wish())).rejects.toMatchObject({
      code: 'enrol-refused',
      facts: { revert: expect.stringContaining(revert) },
    })
  })

  it('says that the relay has no money, which is not the machine’s fault', async () => {
    const poor = `0x${'42'.repeat(32)}`
    await expect(relay(enrolment(keyOf('poor')), poor)).rejects.toMatchObject({ code: 'transaction-failed' })
  })
})

describe('the registry reader', () => {
  it('knows nothing of machines that are not enrolled', async () => {
    const reader = registryKeys(kit.rpc, kit.contracts.registry)
    expect(await reader.keyOf(digest('stranger'))).toBeNull()
    expect(await reader.homeOf(new Uint8Array(16).fill(1))).toBeNull()
    expect(await reader.ownerOf(new Uint8Array(16).fill(1))).toBeNull()
  })

  it('believes an enrolled key for a minute and an unknown one for two seconds', async () => {
    let now = 0
    let questions = 0
    const rpc: Rpc = async (method, params) => {
      questions++
      return kit.rpc(method, params)
    }
    const reader = registryKeys(rpc, kit.contracts.registry, () => now)
    const asked = async (label: string): Promise<number> => {
      const before = questions
      await reader.keyOf(label === 'first' ? keyOf('first').thumbprint : digest(label))
      return questions - before
    }
    expect([await asked('first'), await asked('first'), await asked('x'), await asked('x')]).toEqual([1, 0, 1, 0])
    now = 2_000
    expect([await asked('first'), await asked('x')]).toEqual([0, 1])
    now = 60_000
    expect(await asked('first')).toBe(1)
  })

  it('asks once for the same key at the same time, and again after a failure', async () => {
    let questions = 0
    const rpc: Rpc = async (method, params) => {
      if (++questions === 1) throw new Error('down')
      return kit.rpc(method, params)
    }
    const reader = registryKeys(rpc, kit.contracts.registry)
    const { thumbprint } = keyOf('first')
    const both = await Promise.allSettled([reader.keyOf(thumbprint), reader.keyOf(thumbprint)])
    expect(both.map((r) => r.status)).toEqual(['rejected', 'rejected'])
    expect(questions).toBe(1)
    expect(await reader.keyOf(thumbprint)).not.toBeNull()
  })

  it('asks once for the home log of a machine', async () => {
    let questions = 0
    const rpc: Rpc = async (method, params) => {
      questions++
      return kit.rpc(method, params)
    }
    const reader = registryKeys(rpc, kit.contracts.registry)
    const { thumbprint } = keyOf('first')
    for (let i = 0; i < 3; i++) await reader.homeSince(thumbprint.slice(0, 16), thumbprint)
    await reader.keyOf(thumbprint)
    expect(questions).toBe(2)
  })

  it('keeps a bounded number of strangers', async () => {
    const rpc: Rpc = async () => `0x${'0'.repeat(320)}`
    const reader = registryKeys(rpc, kit.contracts.registry)
    const label = (i: number): Hash32 => hash32(fromHex(i.toString(16).padStart(64, '0')))
    let questions = 0
    const counted = registryKeys(
      async (method, params) => {
        questions++
        return rpc(method, params)
      },
      kit.contracts.registry,
      () => 0,
    )
    for (let i = 0; i <= 10_000; i++) await counted.keyOf(label(i))
    await counted.keyOf(label(10_000))
    expect(questions).toBe(10_001)
    await counted.keyOf(label(0))
    expect(questions).toBe(10_002)
    expect(await reader.keyOf(label(1))).toBeNull()
    expect(toHex(label(1))).toHaveLength(64)
  })
})
