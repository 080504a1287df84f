/** merkle.json, key.json and log.json, put to the contracts. */
import { type Abi, concat, type Hex, numberToHex, pad, slice, zeroHash } from 'viem'
import { beforeAll, describe, expect, it } from 'vitest'
import { anchorLogAbi } from '../../src/anchor/abi.ts'
import { Contract } from './contract.ts'
import { account, artifact, Evm } from './evm.ts'
import { machineKeyOf, sha256 } from './machine-keys.ts'
import { deployAll, enrolment, type Fixture, owner, relayer } from './registry-fixture.ts'
import { below } from './registry-model.ts'
import { hex, loadVectors, type Vector } from './vectors.ts'

const P = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
const word = (value: bigint): Hex => numberToHex(value, { size: 32 })

describe('merkle.json', () => {
  const appender = account(2)
  const cases = loadVectors('merkle').filter(({ kind }) => kind === 'consistency')
  /** The contract takes growing heads only: nothing grows from size 0, to the same size, or to a smaller one. */
  const inDomain = ({ size1, size2 }: Vector) => Number(size1) >= 1 && Number(size2) > Number(size1)
  let evm: Evm
  let log: Contract<typeof anchorLogAbi>

  beforeAll(async () => {
    evm = await Evm.create()
    log = new Contract(evm, anchorLogAbi, artifact('AnchorLog').abi, await evm.deploy(artifact('AnchorLog')))
  })

  /** A new log of its own owner that stands at the head of a case, put there behind the contract's back. */
  async function logAt(n: number, size: number, root: Hex): Promise<Hex> {
    const creator: Hex = pad(numberToHex(0x1000 + n), { size: 20 })
    await log.send(creator, 'create', [zeroHash, appender])
    const id = await log.read('logIdOf', [creator, zeroHash])
    const slot = below(id, 0)
    await evm.setSlot(log.address, slot, root)
    await evm.setSlot(log.address, word(BigInt(slot) + 1n), word(BigInt(size)))
    return id
  }

  const append = async (n: number, { size1, root1, size2, root2, path }: Vector) => {
    const id = await logAt(n, Number(size1), hex(root1))
    const proof = (path as unknown[]).map(hex)
    return { id, outcome: await log.attempt(appender, 'append', [id, BigInt(Number(size2)), hex(root2), proof]) }
  }

  it('has consistency cases that the contract can be asked, and it decides each as they say', async () => {
    const wrong: string[] = []
    const counts = { valid: 0, invalid: 0 }
    for (const [n, c] of cases.filter(inDomain).entries()) {
      const { id, outcome } = await append(n, c)
      const args = [id, BigInt(Number(c['size1'])), BigInt(Number(c['size2']))]
      const head = { logId: id, size: BigInt(Number(c['size2'])), root: hex(c['root2']) }
      const expected = c.valid
        ? { events: [{ name: 'TreeHead', args: head }] }
        : { error: { name: 'InconsistentTree', args } }
      if (!Object.is(JSON.stringify(outcome, bigints), JSON.stringify(expected, bigints))) wrong.push(c.name)
      counts[c.valid ? 'valid' : 'invalid']++
    }
    expect(wrong).toEqual([])
    console.info(`merkle.json: ${counts.valid} valid and ${counts.invalid} invalid consistency cases put to AnchorLog`)
    expect(Math.min(counts.valid, counts.invalid)).toBeGreaterThan(50)
  })

  it('has cases from size 0 or to a size that is not larger, which the contract refuses by name, valid or not', async () => {
    const outside = cases.filter((c) => !inDomain(c))
    const why = { 'from size 0': 0, 'to the same size': 0, 'to a smaller size': 0 }
    for (const [n, c] of outside.entries()) {
      const { outcome } = await append(1000 + n, c)
      const reason =
        c['size1'] === 0 ? 'from size 0' : c['size1'] === c['size2'] ? 'to the same size' : 'to a smaller size'
      why[reason]++
      const name = reason === 'from size 0' ? 'UnknownLog' : 'SizeMustGrow'
      expect(outcome, c.name).toMatchObject({ error: { name } })
    }
    console.info(
      `merkle.json: ${outside.length} consistency cases are outside the contract's rule: ${JSON.stringify(why)}`,
    )
    expect(Math.min(...Object.values(why))).toBeGreaterThan(0)
  })
})

const bigints = (_: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value)

describe('key.json', () => {
  const cases = loadVectors('key')
  /** x and y of a COSE_Key of P-256 in the template of CONV-20; undefined for every other key. */
  const pointOf = ({ coseKey }: Vector): Hex | undefined => {
    const found = /^a401022001215820(.{64})225820(.{64})$/.exec(String(coseKey))
    return found?.[1] === undefined || found[2] === undefined ? undefined : concat([hex(found[1]), hex(found[2])])
  }
  const ed25519Of = ({ coseKey }: Vector): Hex | undefined => {
    const found = /^a301012006215820(.{64})$/.exec(String(coseKey))?.[1]
    return found === undefined ? undefined : hex(found)
  }
  let f: Fixture

  beforeAll(async () => {
    f = await deployAll()
  })

  /** The registry with everything that it has. */
  function whole(): Contract<Abi> {
    const { abi } = artifact('MachineRegistry')
    return new Contract<Abi>(f.evm, abi, abi, f.registry.address)
  }

  /**
   * Whether the verifier takes (x, x) as signature over the hash 0. For u1 = 0 and u2 = 1 the verification comes down to
   * "the key's own x is r", so whoever skipped a check of the key would say yes to every key whose x is not 0.
   */
  async function takesKey(point: Hex): Promise<boolean> {
    const r = (BigInt(slice(point, 0, 32)) % P) % ORDER
    const signature = concat([word(r), word(r > ORDER / 2n ? ORDER - r : r)])
    const verifier = artifact('ERC7913P256Verifier').abi
    const answer = await new Contract(f.evm, verifier, verifier, f.verifier).read('verify', [
      point,
      zeroHash,
      signature,
    ])
    return answer !== '0xffffffff'
  }

  it('has good and bad keys of both kinds, and keys that no call can carry, all of them bad', () => {
    const counts = (of: readonly Vector[]) => [
      of.filter(({ valid }) => valid).length,
      of.filter((c) => !c.valid).length,
    ]
    const [points, ed25519] = [cases.filter((c) => pointOf(c)), cases.filter((c) => ed25519Of(c))]
    const outside = cases.filter((c) => pointOf(c) === undefined && ed25519Of(c) === undefined)
    console.info(
      `key.json, good and bad: ${counts(points)} P-256 and ${counts(ed25519)} Ed25519 keys put to MachineRegistry;`,
      `${counts(outside)} are no COSE_Key of the two templates that it hashes`,
    )
    expect(Math.min(...counts(points), ...counts(ed25519))).toBeGreaterThan(1)
    expect(counts(outside)[0]).toBe(0)
  })

  for (const c of cases.filter((item) => item.valid)) {
    it(`gives ${c.name} the thumbprint of the vector, and the machine id`, async () => {
      const point = pointOf(c)
      const thumbprint =
        point === undefined
          ? await whole().read('thumbprintOfEd25519', [hex(c['publicKey'])])
          : await whole().read('thumbprintOfP256', [slice(point, 0, 32), slice(point, 32)])
      expect(thumbprint).toBe(hex(c['thumbprint']))
      expect(await whole().read('machineOf', [thumbprint])).toBe(BigInt(hex(c['kid'])))
    })
  }

  it('has no P-256 key that the contract would not enrol', async () => {
    for (const c of cases.filter((item) => item.valid && pointOf(item) !== undefined)) {
      expect(await takesKey(pointOf(c) ?? '0x'), c.name).toBe(true)
      await f.registry.send(relayer, 'enrol', enrolment(f, machineKeyOf(hex(c['secret']))))
      expect(await f.registry.read('ownerOf', [BigInt(hex(c['kid']))])).toBe(owner)
    }
  })

  it.each(cases.filter((c) => !c.valid && pointOf(c) !== undefined))('refuses "$name"', async (c) => {
    const point = pointOf(c) ?? '0x'
    const [, ...rest] = enrolment(f, machineKeyOf(sha256('any')))
    expect(await f.registry.refusal(relayer, 'enrol', [concat([f.verifier, point]), ...rest])).toEqual({
      name: 'InvalidSignature',
      args: [],
    })
    expect(await takesKey(point)).toBe(false)
  })

  it('takes any 32 bytes as an Ed25519 key, because it cannot check them', async () => {
    for (const c of cases.filter((item) => ed25519Of(item) !== undefined)) {
      const publicKey = ed25519Of(c) ?? '0x'
      await f.registry.send(owner, 'enrolUnproven', [publicKey, f.home])
      const thumbprint = await whole().read('thumbprintOfEd25519', [publicKey])
      expect(await whole().read('keyOf', [thumbprint]), c.name).toMatchObject({ fromBlock: 1_000 })
    }
  })

  it('refuses a point that is on the curve only after its x is reduced', async () => {
    // The smallest x with a point: then x + p still fits 32 bytes. p mod 4 is 3, so a root is a power.
    const b = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn
    const x = [1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n, 9n].find((n) => power(rootOf(n), 2n) === square(n)) ?? 0n
    function square(n: bigint): bigint {
      return (((n * n * n - 3n * n + b) % P) + P) % P
    }
    function rootOf(n: bigint): bigint {
      return power(square(n), (P + 1n) / 4n)
    }
    expect(await takesKey(concat([word(x), word(rootOf(x))]))).toBe(true)
    expect(await takesKey(concat([word(x + P), word(rootOf(x))]))).toBe(false)
  })
})

/** base^exponent modulo p. */
function power(base: bigint, exponent: bigint): bigint {
  let result = 1n
  for (let square = base % P, rest = exponent; rest > 0n; rest >>= 1n, square = (square * square) % P) {
    if (rest & 1n) result = (result * square) % P
  }
  return result
}

describe('log.json', () => {
  const cases = loadVectors('log').filter(({ kind, valid }) => kind === 'genesis' && valid)

  it.each(cases)('gives "$name" the log id of the vector, from the getter and from create', async (c) => {
    const evm = await Evm.create()
    const log = new Contract(evm, anchorLogAbi, artifact('AnchorLog').abi, await evm.deploy(artifact('AnchorLog')))
    const genesisLeafHash = sha256(concat(['0x00', hex(c['genesis'])]))
    expect(genesisLeafHash).toBe(hex(c['leafHash']))
    expect(await log.read('logIdOf', [hex(c['owner']), genesisLeafHash])).toBe(hex(c['logId']))
    const [created, first] = await log.send(hex(c['owner']), 'create', [genesisLeafHash, account(2)])
    expect(created).toMatchObject({ args: { logId: hex(c['logId']) } })
    expect(first).toMatchObject({ args: { logId: hex(c['logId']), size: 1n, root: genesisLeafHash } })
  })
})
