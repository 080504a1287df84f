import { encodeAbiParameters, keccak256, numberToHex, pad, zeroAddress, zeroHash } from 'viem'
import { beforeEach, describe, expect, it } from 'vitest'
import {
  ANCHOR_LOG_LOGS_SLOT,
  LOG_APPENDER_OFFSET,
  LOG_HEAD_FIELDS,
  LOG_HEAD_OFFSET,
  LOG_OWNER_OFFSET,
  LOG_PENDING_APPENDER_OFFSET,
  LOG_ROOT_OFFSET,
  LOG_SUCCESSOR_OFFSET,
  type PackedField,
} from '../../../sdk/src/evm/abi-constants.ts'
import { anchorLogAbi } from '../../src/anchor/abi.ts'
import { Contract } from './contract.ts'
import { account, artifact, Evm, type Hex } from './evm.ts'
import { ReferenceTree } from './reference-tree.ts'

const owner = account(0x01)
const appender = account(0x02)
const stranger = account(0x03)
const unknown = keccak256('0x00')
const successor = keccak256('0x01')
const tree = new ReferenceTree()
const genesis = tree.root(1n)
const logId = keccak256(encodeAbiParameters([{ type: 'address' }, { type: 'bytes32' }], [owner, genesis]))

let evm: Evm
let log: Contract<typeof anchorLogAbi>

/** Arguments of the append from one size to another. */
function growth(from: bigint, to: bigint, id = logId): readonly [Hex, bigint, Hex, Hex[]] {
  return [id, to, tree.root(to), tree.consistency(from, to)]
}

beforeEach(async () => {
  evm = await Evm.create()
  log = new Contract(evm, anchorLogAbi, artifact('AnchorLog').abi, await evm.deploy(artifact('AnchorLog')))
})

describe('create', () => {
  it('derives the id from the caller and the genesis leaf and sets a head of size 1', async () => {
    expect(await log.send(owner, 'create', [genesis, appender])).toEqual([
      { name: 'LogCreated', args: { logId, owner, appender, genesisLeafHash: genesis } },
      { name: 'TreeHead', args: { logId, size: 1n, root: genesis } },
    ])
    expect(await log.read('head', [logId])).toEqual([genesis, 1n, evm.timestamp, evm.number])
    expect(await log.read('ownerOf', [logId])).toBe(owner)
    expect(await log.read('appenderOf', [logId])).toBe(appender)
    expect(await log.read('pendingAppenderOf', [logId])).toBe(zeroAddress)
    expect(await log.read('stateOf', [logId])).toEqual([1, 0n, zeroHash])
    expect(await log.read('logIdOf', [owner, genesis])).toBe(logId)
  })

  it('gives another owner of the same genesis leaf another log', async () => {
    await log.send(owner, 'create', [genesis, appender])
    const [created] = await log.send(stranger, 'create', [genesis, appender])
    expect(created).toMatchObject({ args: { logId: await log.read('logIdOf', [stranger, genesis]), owner: stranger } })
  })

  it('refuses a log that exists, also when it is retired', async () => {
    await log.send(owner, 'create', [genesis, appender])
    expect(await log.refusal(owner, 'create', [genesis, stranger])).toEqual({ name: 'LogExists', args: [logId] })
    await log.send(owner, 'retire', [logId, 1n, zeroHash])
    expect(await log.refusal(owner, 'create', [genesis, stranger])).toEqual({ name: 'LogExists', args: [logId] })
  })

  it('refuses a log without an appender', async () => {
    expect(await log.refusal(owner, 'create', [genesis, zeroAddress])).toEqual({ name: 'ZeroAppender', args: [] })
  })

  it('shows an unknown log as all zero', async () => {
    expect(await log.read('head', [unknown])).toEqual([zeroHash, 0n, 0n, 0n])
    expect(await log.read('stateOf', [unknown])).toEqual([0, 0n, zeroHash])
    expect(await log.read('ownerOf', [unknown])).toBe(zeroAddress)
  })
})

describe('append', () => {
  beforeEach(async () => {
    await log.send(owner, 'create', [genesis, appender])
  })

  it('overwrites the head with size, root, time and block', async () => {
    evm.number += 5n
    evm.timestamp += 60n
    expect(await log.send(appender, 'append', growth(1n, 7n))).toEqual([
      { name: 'TreeHead', args: { logId, size: 7n, root: tree.root(7n) } },
    ])
    expect(await log.read('head', [logId])).toEqual([tree.root(7n), 7n, 1_800_000_060n, 1_005n])
  })

  it('refuses an unknown log', async () => {
    expect(await log.refusal(appender, 'append', growth(1n, 2n, unknown))).toEqual({
      name: 'UnknownLog',
      args: [unknown],
    })
  })

  it('refuses a valid extension by anyone but the appender, the owner included', async () => {
    for (const caller of [stranger, owner]) {
      expect(await log.refusal(caller, 'append', growth(1n, 2n))).toEqual({
        name: 'NotAppender',
        args: [logId, caller],
      })
    }
  })

  it('refuses a head that is not larger, so a resent append does no harm', async () => {
    await log.send(appender, 'append', growth(1n, 7n))
    for (const size of [7n, 6n, 0n]) {
      const args = [logId, size, tree.root(7n), tree.consistency(1n, 7n)] as const
      expect(await log.refusal(appender, 'append', args)).toEqual({ name: 'SizeMustGrow', args: [7n, size] })
    }
    expect((await log.read('head', [logId]))[1]).toBe(7n)
  })

  it('refuses a tree that rewrites a leaf', async () => {
    await log.send(appender, 'append', growth(1n, 7n))
    const other = new ReferenceTree(true)
    const args = [logId, 9n, other.root(9n), other.consistency(7n, 9n)] as const
    expect(await log.refusal(appender, 'append', args)).toEqual({ name: 'InconsistentTree', args: [logId, 7n, 9n] })
  })

  it('refuses a proof from an earlier head', async () => {
    await log.send(appender, 'append', growth(1n, 7n))
    expect(await log.refusal(appender, 'append', growth(5n, 9n))).toMatchObject({ name: 'InconsistentTree' })
  })

  it('refuses a retired log', async () => {
    await log.send(owner, 'retire', [logId, 1n, zeroHash])
    expect(await log.refusal(appender, 'append', growth(1n, 2n))).toEqual({ name: 'RetiredLog', args: [logId] })
  })
})

describe('appender rotation', () => {
  const next = account(0x04)

  beforeEach(async () => {
    await log.send(owner, 'create', [genesis, appender])
  })

  it('lets the old appender go on until the new one accepts, and no longer', async () => {
    expect(await log.send(owner, 'proposeAppender', [logId, next])).toEqual([
      { name: 'AppenderProposed', args: { logId, pendingAppender: next } },
    ])
    expect(await log.read('pendingAppenderOf', [logId])).toBe(next)
    await log.send(appender, 'append', growth(1n, 2n))
    expect(await log.refusal(next, 'append', growth(2n, 3n))).toMatchObject({ name: 'NotAppender' })
    expect(await log.send(next, 'acceptAppender', [logId])).toEqual([
      { name: 'AppenderChanged', args: { logId, previous: appender, appender: next } },
    ])
    expect(await log.refusal(appender, 'append', growth(2n, 3n))).toMatchObject({ name: 'NotAppender' })
    await log.send(next, 'append', growth(2n, 3n))
    expect(await log.read('appenderOf', [logId])).toBe(next)
    expect(await log.read('pendingAppenderOf', [logId])).toBe(zeroAddress)
  })

  it('is the owner’s alone to propose', async () => {
    for (const caller of [appender, stranger]) {
      expect(await log.refusal(caller, 'proposeAppender', [logId, caller])).toEqual({
        name: 'NotOwner',
        args: [logId, caller],
      })
    }
  })

  it('is the proposed appender’s alone to accept, once, and not after a withdrawal', async () => {
    const refused = (caller: Hex) => ({ name: 'NotPendingAppender', args: [logId, caller] })
    expect(await log.refusal(next, 'acceptAppender', [logId])).toEqual(refused(next))
    await log.send(owner, 'proposeAppender', [logId, next])
    expect(await log.refusal(stranger, 'acceptAppender', [logId])).toEqual(refused(stranger))
    await log.send(owner, 'proposeAppender', [logId, zeroAddress])
    expect(await log.refusal(next, 'acceptAppender', [logId])).toEqual(refused(next))
    await log.send(owner, 'proposeAppender', [logId, next])
    await log.send(next, 'acceptAppender', [logId])
    expect(await log.refusal(next, 'acceptAppender', [logId])).toEqual(refused(next))
  })

  it('refuses an unknown log', async () => {
    const refused = { name: 'UnknownLog', args: [unknown] }
    expect(await log.refusal(owner, 'proposeAppender', [unknown, next])).toEqual(refused)
    expect(await log.refusal(zeroAddress, 'acceptAppender', [unknown])).toEqual(refused)
  })

  it('ends when the log is retired', async () => {
    await log.send(owner, 'proposeAppender', [logId, next])
    await log.send(owner, 'retire', [logId, 1n, zeroHash])
    const refused = { name: 'RetiredLog', args: [logId] }
    expect(await log.refusal(owner, 'proposeAppender', [logId, next])).toEqual(refused)
    expect(await log.refusal(next, 'acceptAppender', [logId])).toEqual(refused)
  })
})

describe('retire', () => {
  beforeEach(async () => {
    await log.send(owner, 'create', [genesis, appender])
    await log.send(appender, 'append', growth(1n, 7n))
  })

  it('ends the log at the last good size and names the successor (LOG-6)', async () => {
    expect(await log.send(owner, 'retire', [logId, 5n, successor])).toEqual([
      { name: 'LogRetired', args: { logId, lastGoodSize: 5n, successor } },
    ])
    expect(await log.read('stateOf', [logId])).toEqual([2, 5n, successor])
    expect(await log.read('head', [logId])).toEqual([tree.root(7n), 7n, evm.timestamp, evm.number])
  })

  it('needs no successor', async () => {
    await log.send(owner, 'retire', [logId, 7n, zeroHash])
    expect(await log.read('stateOf', [logId])).toEqual([2, 7n, zeroHash])
  })

  it('is permanent', async () => {
    await log.send(owner, 'retire', [logId, 5n, zeroHash])
    const refused = { name: 'RetiredLog', args: [logId] }
    expect(await log.refusal(owner, 'retire', [logId, 7n, successor])).toEqual(refused)
  })

  it('is the owner’s alone', async () => {
    for (const caller of [appender, stranger]) {
      expect(await log.refusal(caller, 'retire', [logId, 1n, zeroHash])).toEqual({
        name: 'NotOwner',
        args: [logId, caller],
      })
    }
  })

  it('refuses a last good size of 0 or beyond the head', async () => {
    for (const size of [0n, 8n]) {
      expect(await log.refusal(owner, 'retire', [logId, size, zeroHash])).toEqual({
        name: 'LastGoodSizeOutOfRange',
        args: [size, 7n],
      })
    }
  })

  it('refuses a log as its own successor', async () => {
    expect(await log.refusal(owner, 'retire', [logId, 7n, logId])).toEqual({ name: 'SuccessorIsSelf', args: [logId] })
  })

  it('refuses an unknown log', async () => {
    expect(await log.refusal(owner, 'retire', [unknown, 1n, zeroHash])).toEqual({ name: 'UnknownLog', args: [unknown] })
  })
})

describe('storage layout', () => {
  it('keeps every part of a log where the generated constants say', async () => {
    await log.send(owner, 'create', [genesis, appender])
    await log.send(appender, 'append', growth(1n, 7n))
    await log.send(owner, 'proposeAppender', [logId, stranger])
    await log.send(owner, 'retire', [logId, 5n, successor])
    const start = BigInt(keccak256(`${logId}${pad(numberToHex(ANCHOR_LOG_LOGS_SLOT)).slice(2)}`))
    const at = (offset: number) => evm.slot(log.address, start + BigInt(offset))
    const head = BigInt(await at(LOG_HEAD_OFFSET))
    const field = ({ offsetBytes, sizeBytes }: PackedField) =>
      (head >> BigInt(8 * offsetBytes)) & ((1n << BigInt(8 * sizeBytes)) - 1n)
    expect(await at(LOG_ROOT_OFFSET)).toBe(tree.root(7n))
    expect(field(LOG_HEAD_FIELDS.size)).toBe(7n)
    expect(field(LOG_HEAD_FIELDS.time)).toBe(evm.timestamp)
    expect(field(LOG_HEAD_FIELDS.blockNumber)).toBe(evm.number)
    expect(field(LOG_HEAD_FIELDS.lastGoodSize)).toBe(5n)
    expect(await at(LOG_APPENDER_OFFSET)).toBe(pad(appender))
    expect(await at(LOG_OWNER_OFFSET)).toBe(pad(owner))
    expect(await at(LOG_PENDING_APPENDER_OFFSET)).toBe(pad(stranger))
    expect(await at(LOG_SUCCESSOR_OFFSET)).toBe(successor)
  })
})
