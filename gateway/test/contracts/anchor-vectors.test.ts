/**
 * anchor.json, put to the contracts: they stand at the addresses of the vectors and are brought to the states of the vectors by
 * transactions, and then every slot, topic and digest must be the one that the independent implementation wrote.
 */
import { concat, type Hex, keccak256, numberToHex, zeroHash } from 'viem'
import { beforeEach, describe, expect, it } from 'vitest'
import { anchorLogAbi, machineRegistryAbi } from '../../src/anchor/abi.ts'
import { Contract } from './contract.ts'
import { account, artifact, Evm, type Log } from './evm.ts'
import {
  enrolDigest,
  type MachineKey,
  machineKey,
  machineKeyOf,
  rotateDigest,
  sha256,
  signEnrol,
  signRotate,
} from './machine-keys.ts'
import { below } from './registry-model.ts'
import { hex, loadVectors, type Vector } from './vectors.ts'

const cases = loadVectors('anchor')
const used = new Set<string>()

/** The one case of a file for which something holds. @throws Error when there is none */
function caseOf(file: string, holds: (c: Vector) => boolean): Vector {
  const found = loadVectors(file).find(holds)
  if (found === undefined) throw new Error(`no such case in ${file}.json`)
  return found
}

/** The case of that name, which from now on counts as run. */
function vector(name: string): Vector {
  used.add(name)
  return caseOf('anchor', (c) => c.name === name)
}

function keyNamed(name: string): MachineKey {
  return machineKeyOf(hex(caseOf('key', (c) => c.name === name)['secret']))
}

const enrolled = vector('enrol signed by station key')
const rotated = vector('rotate signed by station second key')
const genesis = vector('log id')
const station = keyNamed('station key')
const second = keyNamed('station second key')
const logOwner = hex(genesis['owner'])
const logId = hex(genesis['logId'])
const oldLog = hex(vector('former home log in storage')['logId'])
const deadline = BigInt(Number(enrolled['deadline']))
const appender = account(2)

let evm: Evm
let verifier: Hex
let log: Contract<typeof anchorLogAbi>
let registry: Contract<typeof machineRegistryAbi>

beforeEach(async () => {
  evm = await Evm.create(Number(enrolled['chainId']))
  evm.number = 9n
  evm.timestamp = deadline - 1000n
  verifier = await evm.deploy(artifact('ERC7913P256Verifier'))
  const anchorLog = caseOf('log', (c) => c['logId'] === genesis['logId'])['anchorLog']
  const [logAddress, registryAddress] = [hex(anchorLog), hex(enrolled['registry'])]
  await evm.deployAt(logAddress, artifact('AnchorLog'))
  await evm.deployAt(registryAddress, artifact('MachineRegistry'), [logAddress, verifier])
  log = new Contract(evm, anchorLogAbi, artifact('AnchorLog').abi, logAddress)
  registry = new Contract(evm, machineRegistryAbi, artifact('MachineRegistry').abi, registryAddress)
  await log.send(logOwner, 'create', [hex(genesis['genesisLeafHash']), appender])
})

/** Runs in the vector's block 1300 what the gateway ran: from the genesis to five leaves. */
async function appendFive(): Promise<Log[]> {
  const head = vector('log in storage')['head'] as Record<string, number>
  evm.number = BigInt(head['blockNumber'] ?? 0)
  evm.timestamp = BigInt(head['time'] ?? 0)
  // receipt.json proves leaf 1 in the tree of five: its path is leaf 0, then the rest of a consistency proof from size 1.
  const proven = caseOf('receipt', ({ name }) => name === 'entry 1 at size 5')
  const [leaf0, ...rest] = (proven['path'] as unknown[]).map(hex)
  expect(leaf0).toBe(hex(genesis['genesisLeafHash']))
  const proof = [sha256(concat(['0x00', hex(proven['entry'])])), ...rest]
  return log.sendRaw(appender, 'append', [logId, 5n, hex(head['root']), proof])
}

/** Every slot of a case, against the chain. */
async function expectSlots(contract: { readonly address: Hex }, slots: readonly { slot: unknown; value: unknown }[]) {
  for (const { slot, value } of slots) expect(await evm.slot(contract.address, hex(slot))).toBe(hex(value))
}

const slotOf = ({ slot, value }: Vector) => ({ slot, value })

/** Enrols the station with the vector's own signature, in the vector's block 1000. */
async function enrolStation(): Promise<void> {
  evm.number = 1000n
  const [owner, homeLog, signature] = [hex(enrolled['owner']), hex(enrolled['homeLog']), hex(enrolled['signature'])]
  await registry.send(account(9), 'enrol', [concat([verifier, station.point]), owner, homeLog, deadline, signature])
}

describe('AnchorLog', () => {
  it('gives the log its id', async () => {
    expect(await log.read('logIdOf', [logOwner, hex(genesis['genesisLeafHash'])])).toBe(logId)
    expect(sha256(concat(['0x00', hex(genesis['genesis'])]))).toBe(hex(genesis['genesisLeafHash']))
    expect((await log.read('head', [logId]))[1]).toBe(1n)
  })

  it('emits the head with the topics and the data of the vector', async () => {
    const expected = vector('tree head')
    const topics = (expected['topics'] as unknown[]).map(hex)
    expect(await appendFive()).toEqual([{ topics, data: hex(expected['data']) }])
  })

  it.each(['log in storage', 'retired log in storage'])('keeps "%s", and its getters read the same', async (name) => {
    const { head, slots } = vector(name) as unknown as {
      head: Record<string, number>
      slots: { slot: string; value: string }[]
    }
    await appendFive()
    const lastGoodSize = BigInt(head['lastGoodSize'] ?? 0)
    if (lastGoodSize > 0n) await log.send(logOwner, 'retire', [logId, lastGoodSize, zeroHash])
    await expectSlots(log, slots)
    const [time, block] = [BigInt(head['time'] ?? 0), BigInt(head['blockNumber'] ?? 0)]
    expect(await log.read('head', [logId])).toEqual([hex(head['root']), 5n, time, block])
    expect(await log.read('stateOf', [logId])).toEqual([lastGoodSize > 0n ? 2 : 1, lastGoodSize, zeroHash])
  })
})

describe('MachineRegistry', () => {
  const place = { chainId: Number(enrolled['chainId']), registry: hex(enrolled['registry']) }

  it('takes the enrolment that the vector signs, once, and its digest is the one of the vector', async () => {
    const words = { owner: logOwner, homeLog: logId, thumbprint: station.thumbprint, nonce: 0n, deadline }
    expect(enrolDigest(place, words)).toBe(hex(enrolled['digest']))
    expect(sha256(hex(enrolled['digest']))).toBe(hex(enrolled['signedHash']))
    await enrolStation()
    expect((await registry.read('ownerOf', [station.machine])).toLowerCase()).toBe(logOwner)
    await expect(enrolStation()).rejects.toThrow('KeyExists')
  })

  it('takes the rotation that the vector signs, as the second one, and its digest is the one of the vector', async () => {
    const { machine } = station
    const words = { machine, thumbprint: second.thumbprint, nonce: BigInt(Number(rotated['nonce'])), deadline }
    expect(numberToHex(machine, { size: 16 })).toBe(hex(rotated['machine']))
    expect(rotateDigest(place, words)).toBe(hex(rotated['digest']))
    expect(sha256(hex(rotated['digest']))).toBe(hex(rotated['signedHash']))
    await enrolStation()
    const toSecond = (old: MachineKey) =>
      [machine, concat([verifier, second.point]), 7n, old.thumbprint, deadline, hex(rotated['signature'])] as const
    expect(await registry.refusal(logOwner, 'rotateKey', toSecond(station))).toMatchObject({ name: 'InvalidSignature' })
    const between = machineKey('between')
    const first = signRotate(between, place, { machine, thumbprint: between.thumbprint, nonce: 0n, deadline })
    const args = [machine, concat([verifier, between.point]), 3n, station.thumbprint, deadline, first] as const
    await registry.send(logOwner, 'rotateKey', args)
    await registry.send(logOwner, 'rotateKey', toSecond(between))
    expect(await registry.read('keyOf', [second.thumbprint])).toMatchObject({ machine, fromBlock: 1000 })
  })

  it.each(['key in storage', 'retired and revoked key in storage', 'Ed25519 key in storage'])(
    'keeps "%s", and its getter reads the same',
    async (name) => {
      const c = vector(name)
      const { machine, ...entry } = c['entry'] as Record<string, number>
      await enrolStation()
      const buoy = hex(caseOf('key', (k) => k.name === 'buoy key')['publicKey'])
      await registry.send(account(9), 'enrolUnproven', [buoy, logId])
      const { retiredSeq = 0, retiredBlock = 0, revokedBlock = 0 } = entry
      evm.number = BigInt(retiredBlock)
      if (retiredSeq > 0) await registry.send(logOwner, 'retireKey', [station.thumbprint, BigInt(retiredSeq)])
      evm.number = BigInt(revokedBlock)
      if (revokedBlock > 0) await registry.send(logOwner, 'revokeKey', [station.thumbprint])
      await expectSlots(registry, [slotOf(c)])
      const found = await registry.read('keyOf', [hex(c['thumbprint'])])
      expect(found).toEqual({ ...entry, machine: BigInt(hex(machine)) })
    },
  )

  it('keeps a home log and a former one, and its getters read the same', async () => {
    const [former, home] = [vector('former home log in storage'), vector('home log in storage')]
    const { machine, thumbprint, point } = station
    // The preimage of the former log's id is not known, so its head is written behind the contract's back.
    await evm.setSlot(
      log.address,
      numberToHex(BigInt(keccak256(concat([oldLog, zeroHash]))) + 1n),
      numberToHex(1n, { size: 32 }),
    )
    evm.number = 10n
    const signature = signEnrol(station, place, { owner: logOwner, homeLog: oldLog, thumbprint, nonce: 0n, deadline })
    await registry.send(account(9), 'enrol', [concat([verifier, point]), logOwner, oldLog, deadline, signature])
    evm.number = 1000n
    await registry.send(logOwner, 'moveHome', [machine, logId])
    await expectSlots(registry, [slotOf(former), slotOf(home)])
    for (const c of [former, home]) {
      const { since, until } = c['home'] as Record<string, number>
      const found = await registry.read('homeSince', [BigInt(hex(c['machine'])), hex(c['logId'])])
      expect(found).toEqual([BigInt(since ?? 0), BigInt(until ?? 0)])
    }
    expect(await registry.read('homeOf', [machine])).toBe(logId)
    expect(await evm.slot(registry.address, below(numberToHex(machine, { size: 32 }), 3))).toBe(logId)
  })
})

it('leaves no case of anchor.json out', () => {
  expect(cases.filter(({ name }) => !used.has(name)).map(({ name }) => name)).toEqual([])
})
