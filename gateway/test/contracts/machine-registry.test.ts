import { createHash } from 'node:crypto'
import { hash32 } from '@fieldproof/sdk/base'
import { enrolmentDigest } from '@fieldproof/sdk/evm'
import {
  type Abi,
  bytesToHex,
  concat,
  encodeAbiParameters,
  type Hex,
  hexToBytes,
  keccak256,
  numberToHex,
  pad,
  zeroHash,
} from 'viem'
import { beforeEach, describe, expect, it } from 'vitest'
import {
  ENROL_TYPE,
  ENROL_TYPEHASH,
  HOME_FIELDS,
  KEY_ENTRY_FIELDS,
  type PackedField,
  REGISTRY_ANCHOR_LOG_SLOT,
  REGISTRY_HOME_LOG_SLOT,
  REGISTRY_HOMES_SLOT,
  REGISTRY_KEYS_SLOT,
  REGISTRY_NONCES_SLOT,
  ROTATE_TYPE,
  ROTATE_TYPEHASH,
} from '../../../sdk/src/evm/abi-constants.ts'
import { Contract } from './contract.ts'
import { account, artifact } from './evm.ts'
import { machineKey, sha256, signDigest } from './machine-keys.ts'
import { deployAll, enrolment, type Fixture, keyEntry, owner, relayer, rotation, stranger } from './registry-fixture.ts'

const key = machineKey('first key')
const next = machineKey('next key')
const third = machineKey('third key')
const foreign = machineKey('key of a stranger’s machine')
const unknown = sha256('no key')
const { machine, thumbprint } = key
const notOwner = (caller: Hex, id = machine) => ({ name: 'NotMachineOwner', args: [id, caller] })
const unknownKey = { name: 'UnknownKey', args: [unknown] }
const invalidSignature = { name: 'InvalidSignature', args: [] }

let f: Fixture

beforeEach(async () => {
  f = await deployAll()
  await f.registry.send(relayer, 'enrol', enrolment(f, key))
  await f.registry.send(relayer, 'enrol', enrolment(f, foreign, { owner: stranger }))
  f.evm.number = 2_000n
})

/** The registry with everything that it inherits. */
function whole(): Contract<Abi> {
  const { abi } = artifact('MachineRegistry')
  return new Contract<Abi>(f.evm, abi, abi, f.registry.address)
}

describe('rotateKey', () => {
  it('adds the new key and ends the old one at a sequence number', async () => {
    expect(await f.registry.send(owner, 'rotateKey', rotation(f, machine, key, next))).toEqual([
      { name: 'KeyRetired', args: { machine, thumbprint, retiredSeq: 100 } },
      { name: 'KeyRotated', args: { machine, oldThumbprint: thumbprint, newThumbprint: next.thumbprint } },
    ])
    expect(await f.registry.read('keyOf', [thumbprint])).toEqual(
      keyEntry({ machine, retiredSeq: 100, retiredBlock: 2_000 }),
    )
    expect(await f.registry.read('keyOf', [next.thumbprint])).toEqual(keyEntry({ machine, fromBlock: 2_000 }))
    expect(await f.registry.read('nonceOf', [machine])).toBe(1n)
  })

  it('works again from the new key with the next nonce', async () => {
    await f.registry.send(owner, 'rotateKey', rotation(f, machine, key, next))
    await f.registry.send(owner, 'rotateKey', rotation(f, machine, next, third, { nonce: 1n }, 200n))
    expect(await f.registry.read('keyOf', [next.thumbprint])).toMatchObject({ retiredSeq: 200 })
    expect(await f.registry.read('nonceOf', [machine])).toBe(2n)
  })

  it('replaces a key that is revoked or already retired, without moving its end', async () => {
    await f.registry.send(owner, 'revokeKey', [thumbprint])
    await f.registry.send(owner, 'retireKey', [thumbprint, 50n])
    f.evm.number += 1n
    const moved = rotation(f, machine, key, next, {}, 51n)
    expect(await f.registry.refusal(owner, 'rotateKey', moved)).toEqual({
      name: 'KeyAlreadyRetired',
      args: [thumbprint, 50],
    })
    expect(await f.registry.send(owner, 'rotateKey', rotation(f, machine, key, next, {}, 50n))).toEqual([
      { name: 'KeyRotated', args: { machine, oldThumbprint: thumbprint, newThumbprint: next.thumbprint } },
    ])
    const ended = keyEntry({ machine, retiredSeq: 50, retiredBlock: 2_000, revokedBlock: 2_000 })
    expect(await f.registry.read('keyOf', [thumbprint])).toEqual(ended)
  })

  it('lets an Ed25519 machine move to a P-256 key', async () => {
    const ed25519 = sha256('Ed25519')
    const old = sha256(concat(['0xa301012006215820', ed25519]))
    const id = BigInt(old.slice(0, 34))
    await f.registry.send(owner, 'enrolUnproven', [ed25519, f.home])
    await f.registry.send(owner, 'rotateKey', rotation(f, id, { ...key, thumbprint: old }, next))
    expect(await f.registry.read('keyOf', [next.thumbprint])).toMatchObject({ machine: id, fromBlock: 2_000 })
  })

  it('refuses anyone but the owner', async () => {
    const words = rotation(f, machine, key, next)
    expect(await f.registry.refusal(stranger, 'rotateKey', words)).toEqual(notOwner(stranger))
  })

  it('refuses an unknown old key, one of a stranger and one of another machine of the same owner', async () => {
    const from = (old: Hex) => rotation(f, machine, { ...key, thumbprint: old }, next)
    expect(await f.registry.refusal(owner, 'rotateKey', from(unknown))).toEqual(unknownKey)
    expect(await f.registry.refusal(owner, 'rotateKey', from(foreign.thumbprint))).toEqual(
      notOwner(owner, foreign.machine),
    )
    await f.registry.send(relayer, 'enrol', enrolment(f, third))
    expect(await f.registry.refusal(owner, 'rotateKey', from(third.thumbprint))).toEqual({
      name: 'KeyOfOtherMachine',
      args: [third.thumbprint, machine],
    })
  })

  it('refuses a new key that is known already, the old one included', async () => {
    for (const known of [foreign, key]) {
      expect(await f.registry.refusal(owner, 'rotateKey', rotation(f, machine, key, known))).toEqual({
        name: 'KeyExists',
        args: [known.thumbprint],
      })
    }
  })

  it('refuses words for another machine, key, nonce or deadline, and the old key’s signature', async () => {
    const signed = [{ machine: foreign.machine }, { thumbprint: third.thumbprint }, { nonce: 1n }]
    for (const words of signed) {
      const [, ...rest] = rotation(f, machine, key, next, words)
      expect(await f.registry.refusal(owner, 'rotateKey', [machine, ...rest])).toEqual(invalidSignature)
    }
    const [id, signer, at, old, deadline, signature] = rotation(f, machine, key, next)
    const later = [id, signer, at, old, deadline + 1n, signature] as const
    expect(await f.registry.refusal(owner, 'rotateKey', later)).toEqual(invalidSignature)
    const byOld = rotation(f, machine, key, { ...next, privateKey: key.privateKey })
    expect(await f.registry.refusal(owner, 'rotateKey', byOld)).toEqual(invalidSignature)
  })

  it('refuses a rotation that was signed before another one took place', async () => {
    const late = rotation(f, machine, key, third)
    await f.registry.send(owner, 'rotateKey', rotation(f, machine, key, next))
    expect(await f.registry.refusal(owner, 'rotateKey', late)).toEqual(invalidSignature)
  })

  it('refuses an enrolment signature in place of a rotation', async () => {
    const [id, signer, at, old, deadline] = rotation(f, machine, key, next)
    const signature = enrolment(f, next)[4]
    const words = [id, signer, at, old, deadline, signature] as const
    expect(await f.registry.refusal(owner, 'rotateKey', words)).toEqual(invalidSignature)
  })

  it('refuses another verifier, a late signature and an end at sequence 0', async () => {
    const [id, , ...rest] = rotation(f, machine, key, next)
    const signer = concat([stranger, next.point])
    expect(await f.registry.refusal(owner, 'rotateKey', [id, signer, ...rest])).toEqual({
      name: 'InvalidSigner',
      args: [],
    })
    expect(await f.registry.refusal(owner, 'rotateKey', rotation(f, machine, key, next, {}, 0n))).toEqual({
      name: 'RetiredSeqIsZero',
      args: [],
    })
    f.evm.timestamp = f.deadline + 1n
    expect(await f.registry.refusal(owner, 'rotateKey', rotation(f, machine, key, next))).toEqual({
      name: 'DeadlinePassed',
      args: [f.deadline],
    })
  })
})

describe('retireKey', () => {
  it('ends a key at a sequence number from the block of the call on, once', async () => {
    expect(await f.registry.send(owner, 'retireKey', [thumbprint, 7n])).toEqual([
      { name: 'KeyRetired', args: { machine, thumbprint, retiredSeq: 7 } },
    ])
    f.evm.number += 1n
    for (const retiredSeq of [6n, 7n, 8n, 2n ** 32n]) {
      expect(await f.registry.refusal(owner, 'retireKey', [thumbprint, retiredSeq])).toEqual({
        name: 'KeyAlreadyRetired',
        args: [thumbprint, 7],
      })
    }
    expect(await f.registry.read('keyOf', [thumbprint])).toEqual(
      keyEntry({ machine, retiredSeq: 7, retiredBlock: 2_000 }),
    )
  })

  it('takes the last sequence that 32 bits hold, and refuses the next one, in a rotation too', async () => {
    const tooLarge = { name: 'SafeCastOverflowedUintDowncast', args: [32, 2n ** 32n] }
    expect(await f.registry.refusal(owner, 'retireKey', [thumbprint, 2n ** 32n])).toEqual(tooLarge)
    const words = rotation(f, machine, key, next, {}, 2n ** 32n)
    expect(await f.registry.refusal(owner, 'rotateKey', words)).toEqual(tooLarge)
    await f.registry.send(owner, 'retireKey', [thumbprint, 2n ** 32n - 1n])
    expect(await f.registry.read('keyOf', [thumbprint])).toMatchObject({ retiredSeq: 2 ** 32 - 1 })
  })

  it('refuses sequence 0, an unknown key and anyone but the owner', async () => {
    expect(await f.registry.refusal(owner, 'retireKey', [thumbprint, 0n])).toEqual({
      name: 'RetiredSeqIsZero',
      args: [],
    })
    expect(await f.registry.refusal(owner, 'retireKey', [unknown, 7n])).toEqual(unknownKey)
    expect(await f.registry.refusal(stranger, 'retireKey', [thumbprint, 7n])).toEqual(notOwner(stranger))
  })
})

describe('revokeKey', () => {
  it('ends a key with the block of the call, once', async () => {
    expect(await f.registry.send(owner, 'revokeKey', [thumbprint])).toEqual([
      { name: 'KeyRevoked', args: { machine, thumbprint } },
    ])
    f.evm.number += 1n
    expect(await f.registry.refusal(owner, 'revokeKey', [thumbprint])).toEqual({
      name: 'KeyAlreadyRevoked',
      args: [thumbprint],
    })
    expect(await f.registry.read('keyOf', [thumbprint])).toEqual(keyEntry({ machine, revokedBlock: 2_000 }))
  })

  it('refuses an unknown key and anyone but the owner', async () => {
    expect(await f.registry.refusal(owner, 'revokeKey', [unknown])).toEqual(unknownKey)
    expect(await f.registry.refusal(stranger, 'revokeKey', [thumbprint])).toEqual(notOwner(stranger))
  })

  it('is for whoever owns the token now, and not for an approved operator', async () => {
    const operator = account(0x09)
    await whole().send(owner, 'setApprovalForAll', [operator, true])
    expect(await f.registry.refusal(operator, 'revokeKey', [thumbprint])).toEqual(notOwner(operator))
    await whole().send(operator, 'transferFrom', [owner, stranger, machine])
    expect(await f.registry.refusal(owner, 'revokeKey', [thumbprint])).toEqual(notOwner(owner))
    await f.registry.send(stranger, 'revokeKey', [thumbprint])
  })
})

describe('a block number of more than 32 bits', () => {
  it('is refused by everything that writes it into a key entry, and the one before it is taken', async () => {
    const tooLarge = { name: 'SafeCastOverflowedUintDowncast', args: [32, 2n ** 32n] }
    f.evm.number = 2n ** 32n
    expect(await f.registry.refusal(relayer, 'enrol', enrolment(f, third))).toEqual(tooLarge)
    expect(await f.registry.refusal(owner, 'enrolUnproven', [sha256('Ed25519'), f.home])).toEqual(tooLarge)
    expect(await f.registry.refusal(owner, 'rotateKey', rotation(f, machine, key, next))).toEqual(tooLarge)
    expect(await f.registry.refusal(owner, 'retireKey', [thumbprint, 7n])).toEqual(tooLarge)
    expect(await f.registry.refusal(owner, 'revokeKey', [thumbprint])).toEqual(tooLarge)
    f.evm.number -= 1n
    await f.registry.send(owner, 'rotateKey', rotation(f, machine, key, next))
    await f.registry.send(owner, 'revokeKey', [thumbprint])
    const last = 2 ** 32 - 1
    const ended = keyEntry({ machine, retiredSeq: 100, retiredBlock: last, revokedBlock: last })
    expect(await f.registry.read('keyOf', [thumbprint])).toEqual(ended)
    expect(await f.registry.read('keyOf', [next.thumbprint])).toEqual(keyEntry({ machine, fromBlock: last }))
  })
})

describe('warnCompromised', () => {
  it('emits the warning and changes no entry', async () => {
    const before = await f.registry.read('keyOf', [thumbprint])
    expect(await f.registry.send(owner, 'warnCompromised', [thumbprint, 12n])).toEqual([
      { name: 'CompromiseWarned', args: { machine, thumbprint, sinceBlock: 12n } },
    ])
    expect(await f.registry.read('keyOf', [thumbprint])).toEqual(before)
  })

  it('refuses an unknown key and anyone but the owner', async () => {
    expect(await f.registry.refusal(owner, 'warnCompromised', [unknown, 12n])).toEqual(unknownKey)
    expect(await f.registry.refusal(stranger, 'warnCompromised', [thumbprint, 12n])).toEqual(notOwner(stranger))
  })
})

describe('moveHome', () => {
  it('closes the old home and opens the new one with the same block', async () => {
    expect(await f.registry.send(owner, 'moveHome', [machine, f.nextHome])).toEqual([
      { name: 'HomeMoved', args: { machine, fromLog: f.home, toLog: f.nextHome } },
    ])
    expect(await f.registry.read('homeOf', [machine])).toBe(f.nextHome)
    expect(await f.registry.read('homeSince', [machine, f.home])).toEqual([1_000n, 2_000n])
    expect(await f.registry.read('homeSince', [machine, f.nextHome])).toEqual([2_000n, 0n])
    expect(await f.registry.read('homeSince', [foreign.machine, f.home])).toEqual([1_000n, 0n])
  })

  it('never reopens a home, present or past', async () => {
    const refused = (logId: Hex) => ({ name: 'HomeNotNew', args: [machine, logId] })
    expect(await f.registry.refusal(owner, 'moveHome', [machine, f.home])).toEqual(refused(f.home))
    await f.registry.send(owner, 'moveHome', [machine, f.nextHome])
    expect(await f.registry.refusal(owner, 'moveHome', [machine, f.home])).toEqual(refused(f.home))
    expect(await f.registry.read('homeSince', [machine, f.home])).toEqual([1_000n, 2_000n])
  })

  it('refuses a log without a head and anyone but the owner', async () => {
    const refused = { name: 'UnknownLog', args: [zeroHash] }
    expect(await f.registry.refusal(owner, 'moveHome', [machine, zeroHash])).toEqual(refused)
    expect(await f.registry.refusal(stranger, 'moveHome', [machine, f.nextHome])).toEqual(notOwner(stranger))
  })
})

describe('what clients rely on', () => {
  it('keeps everything provable where the generated constants say', async () => {
    await f.registry.send(owner, 'rotateKey', rotation(f, machine, key, next))
    await f.registry.send(owner, 'moveHome', [machine, f.nextHome])
    f.evm.number = 2_001n
    await f.registry.send(owner, 'revokeKey', [thumbprint])
    const at = (slot: Hex | bigint) => f.evm.slot(f.registry.address, slot)
    const below = (id: Hex, slot: Hex | number) =>
      keccak256(concat([id, typeof slot === 'number' ? numberToHex(slot, { size: 32 }) : slot]))
    const unpack = (word: Hex, { offsetBytes, sizeBytes }: PackedField) =>
      (BigInt(word) >> BigInt(8 * offsetBytes)) & ((1n << BigInt(8 * sizeBytes)) - 1n)
    const id = numberToHex(machine, { size: 32 })

    expect(await at(BigInt(REGISTRY_ANCHOR_LOG_SLOT))).toBe(pad(f.log.address))
    const entry = await at(below(thumbprint, REGISTRY_KEYS_SLOT))
    expect(unpack(entry, KEY_ENTRY_FIELDS.machine)).toBe(machine)
    expect(unpack(entry, KEY_ENTRY_FIELDS.fromBlock)).toBe(1_000n)
    expect(unpack(entry, KEY_ENTRY_FIELDS.retiredSeq)).toBe(100n)
    expect(unpack(entry, KEY_ENTRY_FIELDS.retiredBlock)).toBe(2_000n)
    expect(unpack(entry, KEY_ENTRY_FIELDS.revokedBlock)).toBe(2_001n)
    const home = await at(below(f.home, below(id, REGISTRY_HOMES_SLOT)))
    expect(unpack(home, HOME_FIELDS.since)).toBe(1_000n)
    expect(unpack(home, HOME_FIELDS.until)).toBe(2_000n)
    expect(await at(below(id, REGISTRY_HOME_LOG_SLOT))).toBe(f.nextHome)
    expect(BigInt(await at(below(id, REGISTRY_NONCES_SLOT)))).toBe(1n)
  })

  it('takes an enrolment whose digest the SDK computed', async () => {
    const [signer, receiver, homeLog, deadline] = enrolment(f, third)
    const digest = enrolmentDigest({
      chainId: f.evm.chainId,
      registry: hexToBytes(f.registry.address),
      owner: hexToBytes(receiver),
      homeLog: hash32(hexToBytes(homeLog)),
      thumbprint: hash32(hexToBytes(third.thumbprint)),
      nonce: 0,
      deadline: Number(deadline),
    })
    const signature = signDigest(third, bytesToHex(digest))
    await f.registry.send(relayer, 'enrol', [signer, receiver, homeLog, deadline, signature])
  })

  it('names the same EIP-712 types as the generated constants', async () => {
    expect(await whole().read('ENROL_TYPEHASH', [])).toBe(ENROL_TYPEHASH)
    expect(await whole().read('ROTATE_TYPEHASH', [])).toBe(ROTATE_TYPEHASH)
    expect(keccak256(Buffer.from(ENROL_TYPE))).toBe(ENROL_TYPEHASH)
    expect(keccak256(Buffer.from(ROTATE_TYPE))).toBe(ROTATE_TYPEHASH)
  })

  it('is an ERC-721', async () => {
    expect(await whole().read('supportsInterface', ['0x80ac58cd'])).toBe(true)
    expect(await whole().read('name', [])).toBe('Fieldproof Machine')
    expect(await whole().read('balanceOf', [owner])).toBe(1n)
  })
})

describe('the P-256 precompile', () => {
  it('is there under osaka rules and takes the SHA-256 of what was signed', async () => {
    const hash: Hex = `0x${createHash('sha256').update(hexToBytes('0x1234')).digest('hex')}`
    const types = [{ type: 'bytes32' }] as const
    const input = concat([encodeAbiParameters(types, [hash]), signDigest(key, '0x1234'), key.point])
    const ask = (data: Hex) => f.evm.run(stranger, pad('0x0100', { size: 20 }), data)
    expect(BigInt((await ask(input)).output)).toBe(1n)
    expect((await ask(concat([pad('0x01'), `0x${input.slice(66)}`]))).output).toBe('0x')
  })
})
