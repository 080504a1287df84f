import { concat, encodeAbiParameters, keccak256, pad, slice, zeroAddress, zeroHash } from 'viem'
import { beforeEach, describe, expect, it } from 'vitest'
import { account, artifact, type Hex } from './evm.ts'
import { machineKey, otherS, sha256 } from './machine-keys.ts'
import {
  deployAll,
  deployRegistry,
  enrolment,
  type Fixture,
  keyEntry,
  owner,
  relayer,
  stranger,
} from './registry-fixture.ts'

const key = machineKey('first machine')
const other = machineKey('second machine')
const ed25519 = sha256('an Ed25519 key')
const ed25519Thumbprint = sha256(concat(['0xa301012006215820', ed25519]))
const invalidSignature = { name: 'InvalidSignature', args: [] }
const keyExists = { name: 'KeyExists', args: [key.thumbprint] }

let f: Fixture

beforeEach(async () => {
  f = await deployAll()
})

/** Places a contract that answers every verification with yes, and every other call too. */
async function yesSayer(): Promise<Hex> {
  // mstore(0, shl(224, verify.selector)); return(0, 32): 16 bytes, behind a constructor of 12 that returns them
  const runtime: Hex = '0x63024ad31860e01b60005260206000f3'
  const init = concat(['0x6010600c60003960106000f3', runtime])
  const { created } = await f.evm.run(stranger, undefined, init)
  if (created === undefined) throw new Error('not deployed')
  return created.toString()
}

describe('constructor', () => {
  it('refuses an AnchorLog or a verifier that has no code', async () => {
    const nobody = account(0x77)
    const built = artifact('MachineRegistry')
    await expect(f.evm.deploy(built, [nobody, f.verifier])).rejects.toThrow(`NotAContract(${nobody})`)
    await expect(f.evm.deploy(built, [f.log.address, nobody])).rejects.toThrow(`NotAContract(${nobody})`)
  })

  it('says which AnchorLog and verifier it uses', async () => {
    expect((await f.registry.read('anchorLog', [])).toLowerCase()).toBe(f.log.address)
    expect((await f.registry.read('p256Verifier', [])).toLowerCase()).toBe(f.verifier)
  })
})

describe('enrol', () => {
  it('gives the owner a token named by the first 16 bytes of the thumbprint, whoever relays', async () => {
    const { machine, thumbprint } = key
    expect(await f.registry.send(relayer, 'enrol', enrolment(f, key))).toEqual([
      { name: 'Transfer', args: { from: zeroAddress, to: owner, tokenId: machine } },
      { name: 'MachineEnrolled', args: { machine, thumbprint, owner, homeLog: f.home, proven: true } },
    ])
    expect(machine).toBe(BigInt(slice(thumbprint, 0, 16)))
    expect(await f.registry.read('keyOf', [thumbprint])).toEqual(keyEntry({ machine }))
    expect(await f.registry.read('ownerOf', [machine])).toBe(owner)
    expect(await f.registry.read('homeOf', [machine])).toBe(f.home)
    expect(await f.registry.read('homeSince', [machine, f.home])).toEqual([1_000n, 0n])
    expect(await f.registry.read('nonceOf', [machine])).toBe(0n)
  })

  it('enrols several machines for one owner and one log', async () => {
    await f.registry.send(relayer, 'enrol', enrolment(f, key))
    await f.registry.send(relayer, 'enrol', enrolment(f, other))
    expect(await f.registry.read('ownerOf', [other.machine])).toBe(owner)
  })

  it('shows what is unknown as all zero', async () => {
    expect(await f.registry.read('keyOf', [key.thumbprint])).toEqual(keyEntry({ machine: 0n, fromBlock: 0 }))
    expect(await f.registry.read('homeOf', [key.machine])).toBe(zeroHash)
    expect(await f.registry.read('homeSince', [key.machine, f.home])).toEqual([0n, 0n])
  })

  it('cannot turn a stolen signature to another owner, log or deadline', async () => {
    const stolen = [{ owner: stranger }, { homeLog: f.nextHome }, { deadline: f.deadline + 1n }]
    for (const sent of stolen) {
      expect(await f.registry.refusal(stranger, 'enrol', enrolment(f, key, {}, sent))).toEqual(invalidSignature)
    }
  })

  it('lets a thief do only what the signature says', async () => {
    await f.registry.send(stranger, 'enrol', enrolment(f, key))
    expect(await f.registry.read('ownerOf', [key.machine])).toBe(owner)
  })

  it('refuses words that name another key or nonce', async () => {
    for (const signed of [{ thumbprint: other.thumbprint }, { nonce: 1n }]) {
      expect(await f.registry.refusal(relayer, 'enrol', enrolment(f, key, signed))).toEqual(invalidSignature)
    }
  })

  it('refuses another key’s signature', async () => {
    const [, ...rest] = enrolment(f, key)
    const signer = concat([f.verifier, other.point])
    expect(await f.registry.refusal(relayer, 'enrol', [signer, ...rest])).toEqual(invalidSignature)
  })

  it('refuses a signature made for another chain', async () => {
    const elsewhere = await deployAll(1)
    expect(elsewhere.registry.address).toBe(f.registry.address)
    expect(elsewhere.home).toBe(f.home)
    expect(await f.registry.refusal(relayer, 'enrol', enrolment(elsewhere, key))).toEqual(invalidSignature)
    await elsewhere.registry.send(relayer, 'enrol', enrolment(elsewhere, key))
  })

  it('refuses a signature made for another contract', async () => {
    const registry = await deployRegistry(f.evm, f.log.address, f.verifier)
    const words = enrolment({ ...f, registry }, key)
    expect(await f.registry.refusal(relayer, 'enrol', words)).toEqual(invalidSignature)
    await registry.send(relayer, 'enrol', words)
  })

  it('takes a signature in its last second and not a second later', async () => {
    const words = enrolment(f, key)
    f.evm.timestamp = f.deadline + 1n
    expect(await f.registry.refusal(relayer, 'enrol', words)).toEqual({ name: 'DeadlinePassed', args: [f.deadline] })
    f.evm.timestamp = f.deadline
    await f.registry.send(relayer, 'enrol', words)
  })

  it('refuses the same signature with s in the upper half', async () => {
    const [signer, receiver, home, deadline, signature] = enrolment(f, key)
    const words = [signer, receiver, home, deadline, otherS(signature)] as const
    expect(await f.registry.refusal(relayer, 'enrol', words)).toEqual(invalidSignature)
  })

  it('refuses a signature that is not 64 bytes, or all zero', async () => {
    const [signer, receiver, home, deadline, signature] = enrolment(f, key)
    const wrong: Hex[] = ['0x', slice(signature, 0, 63), concat([signature, '0x00']), `0x${'00'.repeat(64)}`]
    for (const bytes of wrong) {
      expect(await f.registry.refusal(relayer, 'enrol', [signer, receiver, home, deadline, bytes])).toEqual(
        invalidSignature,
      )
    }
  })

  it('refuses a point that is not on the curve', async () => {
    const [, ...rest] = enrolment(f, key)
    const signer = concat([f.verifier, slice(key.point, 0, 63), '0x00'])
    expect(await f.registry.refusal(relayer, 'enrol', [signer, ...rest])).toEqual(invalidSignature)
  })

  it('refuses a signer of another length or with another verifier', async () => {
    const [signer, ...rest] = enrolment(f, key)
    const liar = await yesSayer()
    const { output } = await f.evm.run(stranger, liar, '0x')
    expect(slice(output, 0, 4)).toBe(slice(keccak256(Buffer.from('verify(bytes,bytes32,bytes)')), 0, 4))
    const wrong: Hex[] = ['0x', owner, slice(signer, 0, 83), concat([signer, '0x00']), concat([liar, key.point])]
    for (const bytes of wrong) {
      expect(await f.registry.refusal(relayer, 'enrol', [bytes, ...rest])).toEqual({ name: 'InvalidSigner', args: [] })
    }
  })

  it('refuses a log that has no head', async () => {
    const homeLog = keccak256('0x00')
    const refused = { name: 'UnknownLog', args: [homeLog] }
    expect(await f.registry.refusal(relayer, 'enrol', enrolment(f, key, { homeLog }))).toEqual(refused)
  })

  it('refuses a token for nobody', async () => {
    const refused = { name: 'ERC721InvalidReceiver', args: [zeroAddress] }
    expect(await f.registry.refusal(relayer, 'enrol', enrolment(f, key, { owner: zeroAddress }))).toEqual(refused)
  })

  it('takes a key once for ever, also after it is revoked', async () => {
    await f.registry.send(relayer, 'enrol', enrolment(f, key))
    expect(await f.registry.refusal(relayer, 'enrol', enrolment(f, key))).toEqual(keyExists)
    expect(await f.registry.refusal(relayer, 'enrol', enrolment(f, key, { owner: stranger }))).toEqual(keyExists)
    await f.registry.send(owner, 'revokeKey', [key.thumbprint])
    expect(await f.registry.refusal(relayer, 'enrol', enrolment(f, key))).toEqual(keyExists)
  })

  it('refuses a key whose machine id another key has taken', async () => {
    // Finding two such keys takes 2^64 work, so the other machine's owner is written into the token's own slot 7.
    const types = [{ type: 'uint256' }, { type: 'uint256' }] as const
    await f.evm.setSlot(f.registry.address, keccak256(encodeAbiParameters(types, [key.machine, 7n])), pad(stranger))
    expect(await f.registry.read('ownerOf', [key.machine])).toBe(stranger)
    const refused = { name: 'MachineExists', args: [key.machine] }
    expect(await f.registry.refusal(relayer, 'enrol', enrolment(f, key))).toEqual(refused)
  })
})

describe('enrolUnproven', () => {
  const machine = BigInt(slice(ed25519Thumbprint, 0, 16))

  it('enrols an Ed25519 key for the caller and says that nothing was proven', async () => {
    expect(await f.registry.send(owner, 'enrolUnproven', [ed25519, f.home])).toEqual([
      { name: 'Transfer', args: { from: zeroAddress, to: owner, tokenId: machine } },
      {
        name: 'MachineEnrolled',
        args: { machine, thumbprint: ed25519Thumbprint, owner, homeLog: f.home, proven: false },
      },
    ])
    expect(await f.registry.read('keyOf', [ed25519Thumbprint])).toEqual(keyEntry({ machine }))
    expect(await f.registry.read('homeOf', [machine])).toBe(f.home)
  })

  it('takes a key once for ever', async () => {
    await f.registry.send(owner, 'enrolUnproven', [ed25519, f.home])
    const refused = { name: 'KeyExists', args: [ed25519Thumbprint] }
    expect(await f.registry.refusal(stranger, 'enrolUnproven', [ed25519, f.home])).toEqual(refused)
  })

  it('refuses a log that has no head', async () => {
    const refused = { name: 'UnknownLog', args: [zeroHash] }
    expect(await f.registry.refusal(owner, 'enrolUnproven', [ed25519, zeroHash])).toEqual(refused)
  })
})
