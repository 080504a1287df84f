/** What somebody gains who sees a transaction or a signature before it is mined, or keeps it after: nothing. */
import { concat, type Hex, pad, slice } from 'viem'
import { beforeEach, describe, expect, it } from 'vitest'
import { machineRegistryAbi } from '../../src/anchor/abi.ts'
import { Contract } from './contract.ts'
import { artifact, type Evm } from './evm.ts'
import { enrolDigest, machineKey, rotateDigest, sha256, signHash } from './machine-keys.ts'
import { deployAll, deployRegistry, enrolment, type Fixture, owner, rotation, stranger } from './registry-fixture.ts'

const key = machineKey('wanted by a thief')
const next = machineKey('its next key')
const { machine, thumbprint } = key
const invalidSignature = { name: 'InvalidSignature', args: [] }

let f: Fixture

beforeEach(async () => {
  f = await deployAll()
})

function registryOn(evm: Evm): Contract<typeof machineRegistryAbi> {
  return new Contract(evm, machineRegistryAbi, artifact('MachineRegistry').abi, f.registry.address)
}

const storageOf = (evm: Evm) => evm.storage(f.registry.address)

describe('a transaction copied from the mempool and mined first', () => {
  it('enrols the machine exactly as its owner wanted, and his own then fails with a name and changes nothing', async () => {
    const words = enrolment(f, key)
    const undisturbed = await f.evm.split(f.evm.chainId)
    await registryOn(undisturbed).send(owner, 'enrol', words)

    await f.registry.send(stranger, 'enrol', words)
    expect(storageOf(f.evm)).toEqual(storageOf(undisturbed))
    expect(await f.registry.refusal(owner, 'enrol', words)).toEqual({ name: 'KeyExists', args: [thumbprint] })
    expect(storageOf(f.evm)).toEqual(storageOf(undisturbed))
    await f.registry.send(owner, 'moveHome', [machine, f.nextHome])
  })

  it('rotates nothing, and the owner’s own succeeds', async () => {
    await f.registry.send(owner, 'enrol', enrolment(f, key))
    const words = rotation(f, machine, key, next)
    expect(await f.registry.refusal(stranger, 'rotateKey', words)).toEqual({
      name: 'NotMachineOwner',
      args: [machine, stranger],
    })
    await f.registry.send(owner, 'rotateKey', words)
  })

  it('creates the thief a log of his own, and the owner’s is created all the same', async () => {
    const genesis = sha256('copied')
    await f.log.send(stranger, 'create', [genesis, owner])
    await f.log.send(owner, 'create', [genesis, owner])
    const id = await f.log.read('logIdOf', [owner, genesis])
    expect(await f.log.read('ownerOf', [id])).toBe(owner)
    expect(await f.log.read('logIdOf', [stranger, genesis])).not.toBe(id)
  })

  it('can use up an Ed25519 key, which is why readers show that possession of such a key was not proven', async () => {
    const ed25519 = sha256('Ed25519')
    const id = sha256(concat(['0xa301012006215820', ed25519]))
    await f.registry.send(stranger, 'enrolUnproven', [ed25519, f.home])
    expect(await f.registry.refusal(owner, 'enrolUnproven', [ed25519, f.home])).toEqual({
      name: 'KeyExists',
      args: [id],
    })
    expect(await f.registry.read('ownerOf', [BigInt(id.slice(0, 34))])).toBe(stranger)
  })
})

describe('a signature that was kept', () => {
  it('enrols and rotates nothing on a chain that split off with all contracts in place', async () => {
    await f.registry.send(owner, 'enrol', enrolment(f, machineKey('on both chains')))
    const elsewhere = registryOn(await f.evm.split(1))
    expect(await elsewhere.refusal(stranger, 'enrol', enrolment(f, key))).toEqual(invalidSignature)
    const old = machineKey('on both chains')
    expect(await elsewhere.refusal(owner, 'rotateKey', rotation(f, old.machine, old, next))).toEqual(invalidSignature)
    await f.registry.send(stranger, 'enrol', enrolment(f, key))
    await f.registry.send(owner, 'rotateKey', rotation(f, old.machine, old, next))
  })

  it('rotates nothing in another registry of the same chain, where the same machine is enrolled', async () => {
    const registry = await deployRegistry(f.evm, f.log.address, f.verifier)
    await f.registry.send(owner, 'enrol', enrolment(f, key))
    await registry.send(owner, 'enrol', enrolment({ ...f, registry }, key))
    const kept = rotation(f, machine, key, next)
    expect(await registry.refusal(owner, 'rotateKey', kept)).toEqual(invalidSignature)
    expect(await registry.refusal(owner, 'enrol', enrolment(f, next))).toEqual(invalidSignature)
    await f.registry.send(owner, 'rotateKey', kept)
  })

  it('is used up with the rotation that it was for', async () => {
    await f.registry.send(owner, 'enrol', enrolment(f, key))
    const words = rotation(f, machine, key, next)
    await f.registry.send(owner, 'rotateKey', words)
    const before = storageOf(f.evm)
    expect(await f.registry.refusal(owner, 'rotateKey', words)).toEqual(invalidSignature)
    expect(await f.registry.refusal(owner, 'enrol', enrolment(f, key))).toEqual(invalidSignature)
    expect(await f.registry.refusal(owner, 'enrol', enrolment(f, key, { nonce: 1n }))).toMatchObject({
      name: 'KeyExists',
    })
    expect(await f.registry.refusal(owner, 'enrol', enrolment(f, next))).toMatchObject({ name: 'KeyExists' })
    expect(storageOf(f.evm)).toEqual(before)
  })
})

describe('a signature over the bare EIP-712 digest', () => {
  /** Whether the curve alone would take it, asked of the precompile of RIP-7212. */
  async function curveTakes(hash: Hex, signature: Hex, point: Hex): Promise<boolean> {
    const { output } = await f.evm.run(stranger, pad('0x0100', { size: 20 }), concat([hash, signature, point]))
    return output !== '0x' && BigInt(output) === 1n
  }

  it('is good for the curve and enrols nothing: keys sign the SHA-256 of the digest', async () => {
    const [signer, to, homeLog, deadline, good] = enrolment(f, key)
    const place = { chainId: f.evm.chainId, registry: f.registry.address }
    const digest = enrolDigest(place, { owner: to, homeLog, thumbprint, nonce: 0n, deadline })
    const bare = signHash(key, digest)
    expect(await curveTakes(digest, bare, key.point)).toBe(true)
    expect(await curveTakes(sha256(digest), good, key.point)).toBe(true)
    const refused = await f.registry.refusal(owner, 'enrol', [signer, to, homeLog, deadline, bare])
    expect(refused).toEqual(invalidSignature)
    const byHand = signHash(key, sha256(digest))
    await f.registry.send(owner, 'enrol', [signer, to, homeLog, deadline, byHand])
  })

  it('is good for the curve and rotates nothing', async () => {
    await f.registry.send(owner, 'enrol', enrolment(f, key))
    const [id, signer, at, old, deadline] = rotation(f, machine, key, next)
    const place = { chainId: f.evm.chainId, registry: f.registry.address }
    const digest = rotateDigest(place, { machine, thumbprint: next.thumbprint, nonce: 0n, deadline })
    const bare = signHash(next, digest)
    expect(await curveTakes(digest, bare, next.point)).toBe(true)
    expect(await f.registry.refusal(owner, 'rotateKey', [id, signer, at, old, deadline, bare])).toEqual(
      invalidSignature,
    )
    await f.registry.send(owner, 'rotateKey', [id, signer, at, old, deadline, signHash(next, sha256(digest))])
  })
})

describe('numbers that do not fit', () => {
  it('are refused by the decoder before anything is read: a size of 65 bits, a sequence number of 65', async () => {
    await f.registry.send(owner, 'enrol', enrolment(f, key))
    const word = (value: bigint): Hex => pad(`0x${value.toString(16)}`)
    const calls: [Hex, Hex][] = [
      [f.log.address, concat(['0xfac2abdd', f.home, word(2n ** 64n), f.home, word(128n), word(0n)])],
      [f.log.address, concat(['0xd1c4d675', f.home, word(2n ** 64n + 1n), word(0n)])],
      [f.registry.address, concat(['0x07833fe7', thumbprint, word(2n ** 64n + 1n)])],
    ]
    for (const [to, data] of calls) {
      expect(await f.evm.run(owner, to, data)).toMatchObject({ ok: false, output: '0x' })
    }
    // The same bytes with a number that fits get an answer of the contract.
    expect(
      slice((await f.evm.run(owner, f.log.address, concat(['0xd1c4d675', f.home, word(0n), word(0n)]))).output, 0, 4),
    ).not.toBe('0x')
    await f.registry.send(owner, 'retireKey', [thumbprint, 1n])
  })
})
