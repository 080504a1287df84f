/** A node that lies, is behind or leaves something out is caught before its words are stored as evidence. */
import { equalBytes, FieldproofError, fromHex, hash32 } from '@fieldproof/sdk/base'
import {
  HISTORY_CONTRACT,
  headSlots,
  keccak256,
  type Rpc,
  readHeader,
  readState,
  toRpcData,
  toRpcQuantity,
} from '@fieldproof/sdk/evm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { collectEvidence, type LogContracts } from '../../src/anchor/evidence.ts'
import { fetchHeader } from '../../src/anchor/header.ts'
import { NodePool } from '../../src/anchor/node-pool.ts'
import type { AnchorEvidence, AnchorTarget, EvidenceWanted } from '../../src/anchor/ports.ts'
import { TestMachine } from '../gateway/machine-kit.ts'
import { type AnvilKit, startAnvil } from './anvil-kit.ts'
import { enrolOnChain } from './enrol-kit.ts'
import { digest } from './fake-chain.ts'

type Fields = Record<string, unknown>

let kit: AnvilKit
let newest: number

beforeAll(async () => {
  kit = await startAnvil()
  await kit.mine(2)
  newest = Number(await kit.rpc('eth_blockNumber', []))
})

afterAll(() => kit.chain.stop())

/** The real node, with one answer changed. */
function lying(method: string, change: (fields: Fields) => unknown): Rpc {
  return async (asked, params) => {
    const answer = await kit.rpc(asked, params)
    return asked === method ? change(structuredClone(answer) as Fields) : answer
  }
}

describe('a header', () => {
  it('is the bytes that the block hash is of, for every block from the first on', async () => {
    for (let number = 0; number <= newest; number++) {
      const { rlp, hash } = await fetchHeader(kit.rpc, number)
      expect(equalBytes(keccak256(rlp), hash)).toBe(true)
    }
  })

  it.each(['parentHash', 'stateRoot', 'number', 'timestamp', 'baseFeePerGas', 'requestsHash', 'extraData'])(
    'is refused when %s is changed or left out',
    async (field) => {
      const changed = lying('eth_getBlockByNumber', (fields) => ({
        ...fields,
        [field]: field === 'extraData' ? '0x01' : String(fields[field]).replace(/.$/, (d) => (d === '1' ? '2' : '1')),
      }))
      await expect(fetchHeader(changed, newest)).rejects.toMatchObject({ code: 'rpc-invalid' })
      if (['number', 'timestamp', 'stateRoot'].includes(field)) return // without these it is no block
      const without = lying('eth_getBlockByNumber', ({ [field]: _left, ...rest }) => rest)
      await expect(fetchHeader(without, newest)).rejects.toMatchObject({ code: 'rpc-invalid' })
    },
  )

  it('comes raw from a node of a chain with header fields that we do not know', async () => {
    const { rlp, hash } = await fetchHeader(kit.rpc, newest)
    const strange: Rpc = async (method, params) => {
      if (method === 'debug_getRawHeader') return `0x${Buffer.from(rlp).toString('hex')}`
      return { ...((await kit.rpc(method, params)) as Fields), requestsHash: undefined }
    }
    expect((await fetchHeader(strange, newest)).rlp).toEqual(new Uint8Array(rlp))
    expect(equalBytes(keccak256(rlp), hash)).toBe(true)
  })

  it('is refused when it is of another block than the one that was asked for', async () => {
    const other: Rpc = (method, [, ...rest]) => kit.rpc(method, [toRpcQuantity(newest - 1), ...rest])
    await expect(fetchHeader(other, newest)).rejects.toMatchObject({ code: 'rpc-invalid' })
  })

  it('of a block that the node does not have is a failure that may pass', async () => {
    await expect(fetchHeader(kit.rpc, newest + 100)).rejects.toMatchObject({ code: 'rpc-failed' })
  })
})

describe('evidence', () => {
  const machine = new TestMachine()
  let log: LogContracts
  let target: AnchorTarget
  let wanted: EvidenceWanted
  let mined: number
  let honest: AnchorEvidence

  beforeAll(async () => {
    const opened = await kit.openLog(6, 2)
    target = opened.target
    await enrolOnChain(kit, machine, opened.logId)
    await kit.mine(3)
    const { number, hash } = await target.finalised()
    const machines = [machine.thumbprint.slice(0, 16), new Uint8Array(16).fill(1)]
    wanted = { keys: [machine.thumbprint, digest('nobody')], machines, beacons: [{ number, hash }] }
    const from = { size: 1, root: opened.log.rootAt(1) }
    const prepared = await target.prepare(from, opened.log.current(), opened.log.consistency(1, 6))
    await target.send(prepared)
    await kit.mine(3)
    const status = await target.status(prepared.txHash)
    mined = status.kind === 'final' ? status.blockNumber : 0
    const { registry, anchorLog, logId } = target
    log = { rpc: kit.rpc, registry, anchorLog, logId, headers: new Map() }
    honest = await collected(kit.rpc)
  })

  async function collected(rpc: Rpc): Promise<AnchorEvidence> {
    return collectEvidence({ ...log, rpc, headers: new Map() }, await fetchHeader(kit.rpc, mined), mined, wanted)
  }

  /** The real node, whose answer about one account is changed. */
  function lyingOf(account: Uint8Array, change: (fields: Fields) => unknown): Rpc {
    return async (method, params) => {
      const answer = await kit.rpc(method, params)
      const isAsked = method === 'eth_getProof' && params[0] === toRpcData(account)
      return isAsked ? change(structuredClone(answer) as Fields) : answer
    }
  }

  it('shows the key, the home and the beacon of a statement', () => {
    const { stateRoot } = readHeader(honest.header)
    const { registry, logId } = log
    const questions = { registry, logId, keys: wanted.keys.slice(0, 1), machines: wanted.machines.slice(0, 1) }
    const blocks = wanted.beacons.map(({ number }) => number)
    const answers = readState(stateRoot, { ...questions, blocks }, new NodePool(honest.nodes).reader().source)
    expect(answers.keys).toMatchObject([{ machine: machine.thumbprint.slice(0, 16), revokedBlock: 0 }])
    expect(answers.homes).toMatchObject([{ untilBlock: 0 }])
    expect(answers.blockHashes).toEqual(wanted.beacons.map(({ hash }) => hash))
    expect(honest.beaconHeaders).toHaveLength(1)
  })

  it('is the same whatever a node says beside the nodes', async () => {
    const chatty = lying('eth_getProof', (fields) => {
      const storageProof = (fields['storageProof'] as Fields[]).map((slot) => ({ ...slot, key: '0x1', value: '0x1' }))
      const accountProof = [...(fields['accountProof'] as string[]), '0xc0', '0xc0']
      return { ...fields, storageProof, accountProof, balance: '0x1', storageHash: `0x${'1'.repeat(64)}` }
    })
    expect(await collected(chatty)).toEqual(honest)
  })

  it('is refused, or the same, when any one node about the contracts is changed or left out', async () => {
    const refused = []
    for (const account of [log.registry, log.anchorLog]) {
      const seen: string[] = []
      await collected(lyingOf(account, (fields) => eachNode(fields, (node) => void seen.push(node))))
      for (let damaged = 0; damaged < seen.length; damaged++) {
        for (const change of [() => null, (node: string) => flip(node)]) {
          const rpc = lyingOf(account, (fields) =>
            eachNode(fields, (node, at) => (at === damaged ? change(node) : node)),
          )
          const outcome = await collected(rpc).catch((error: unknown) => error)
          if (outcome instanceof FieldproofError) refused.push(outcome.code)
          else expect(outcome).toEqual(honest)
        }
      }
    }
    expect(new Set(refused)).toEqual(new Set(['rpc-invalid']))
  })

  it('has no beacon, and all else, when the proof of its slot is missing, no list or of something else', async () => {
    const { nodes } = honest
    for (const change of [() => [], () => null, () => ['0xc0']]) {
      const rpc = lyingOf(HISTORY_CONTRACT, (fields) => ({ ...fields, storageProof: [{ proof: change() }] }))
      const evidence = await collected(rpc)
      expect(evidence.beaconHeaders).toEqual([])
      expect(evidence.nodes.length).toBeLessThan(nodes.length)
      expect(nodes).toEqual(expect.arrayContaining([...evidence.nodes]))
    }
  })

  it('has no beacon on a chain without the contract of the history', async () => {
    const without = lyingOf(HISTORY_CONTRACT, () => ({ accountProof: [], storageProof: [{ proof: [] }] }))
    expect((await collected(without)).beaconHeaders).toEqual([])
    const refusing: Rpc = async (method, params) => {
      if (params[0] !== toRpcData(HISTORY_CONTRACT)) return kit.rpc(method, params)
      throw new FieldproofError('rpc-failed', 'no', { facts: { rpcCode: -32000, rpcMessage: 'no such account' } })
    }
    expect((await collected(refusing)).beaconHeaders).toEqual([])
  })

  it('waits for a node that does not answer about a beacon', async () => {
    const mute: Rpc = async (method, params) => {
      if (method !== 'eth_getBlockByNumber') return kit.rpc(method, params)
      throw new FieldproofError('rpc-failed', 'no answer', { facts: { method, reason: 'ECONNRESET' } })
    }
    await expect(collected(mute)).rejects.toMatchObject({ code: 'rpc-failed' })
  })

  it('asks for each header of a beacon once, however often it has to begin again', async () => {
    let blocks = 0
    let isBusy = true
    const headers: LogContracts['headers'] = new Map()
    const busy: Rpc = async (method, params) => {
      if (method === 'eth_getBlockByNumber') blocks++
      if (params[0] !== toRpcData(HISTORY_CONTRACT) || !isBusy) return kit.rpc(method, params)
      throw new FieldproofError('rpc-failed', 'busy', { facts: { method, reason: 'HTTP 429' } })
    }
    const header = await fetchHeader(kit.rpc, mined)
    const again = (): Promise<AnchorEvidence> => collectEvidence({ ...log, rpc: busy, headers }, header, mined, wanted)
    await expect(again()).rejects.toMatchObject({ code: 'rpc-failed' })
    expect(headers.size).toBe(1)
    isBusy = false
    expect(await again()).toEqual(honest)
    expect(blocks).toBe(1)
  })

  it.each<[string, (fields: Fields) => unknown]>([
    ['there is no account', (f) => ({ ...f, accountProof: [] })],
    ['a slot is missing', (f) => ({ ...f, storageProof: (f['storageProof'] as unknown[]).slice(1) })],
    ['a slot is none', (f) => ({ ...f, storageProof: (f['storageProof'] as unknown[]).map(() => 7) })],
    ['a node is no bytes', (f) => ({ ...f, accountProof: [7] })],
    ['a node is longer than any', (f) => ({ ...f, accountProof: [`0x${'00'.repeat(1025)}`] })],
    ['a path is longer than any', (f) => ({ ...f, accountProof: Array.from({ length: 66 }, () => '0xc0') })],
    ['it is nothing', () => null],
  ])('is refused when %s', async (_what, change) => {
    await expect(collected(lying('eth_getProof', change))).rejects.toMatchObject({ code: 'rpc-invalid' })
  })

  it('of the state after another block is refused', async () => {
    const later: Rpc = (method, params) =>
      kit.rpc(method, method === 'eth_getProof' ? [params[0], params[1], toRpcQuantity(mined - 1)] : params)
    await expect(collected(later)).rejects.toMatchObject({ code: 'rpc-invalid' })
  })

  it('of another AnchorLog than the registry names is refused', async () => {
    const wrong = { ...log, anchorLog: log.registry }
    const header = await fetchHeader(kit.rpc, mined)
    await expect(collectEvidence(wrong, header, mined, wanted)).rejects.toMatchObject({ code: 'rpc-invalid' })
  })

  it('asks for many slots in parts', async () => {
    const sizes: number[] = []
    const counting: Rpc = (method, params) => {
      if (method === 'eth_getProof') sizes.push((params[1] as unknown[]).length)
      return kit.rpc(method, params)
    }
    const keys = Array.from({ length: 250 }, (_, i) => digest(`key ${i}`))
    const header = await fetchHeader(kit.rpc, mined)
    await collectEvidence({ ...log, rpc: counting }, header, mined, { keys, machines: [], beacons: [] })
    expect(sizes).toEqual([100, 100, 51, 2])
  })
})

/** Puts something in place of each node of an answer, in its order; null leaves it out. */
function eachNode(fields: Fields, change: (node: string, at: number) => unknown): Fields {
  let at = 0
  const changed = (nodes: unknown): unknown[] =>
    (nodes as string[]).flatMap((node) => {
      const put = change(node, at++)
      return put === null ? [] : [put ?? node]
    })
  const accountProof = changed(fields['accountProof'])
  const storageProof = (fields['storageProof'] as Fields[]).map((slot) => ({ ...slot, proof: changed(slot['proof']) }))
  return { ...fields, accountProof, storageProof }
}

function flip(node: string): string {
  return node.replace(/.$/, (digit) => (digit === '1' ? '2' : '1'))
}

describe('the slots of a log', () => {
  it('follow each other, also over a byte boundary', () => {
    // keccak256(logId . 0) of this id ends in ff.
    for (let i = 0; ; i++) {
      const logId = hash32(fromHex(i.toString(16).padStart(64, '0')))
      const [root, head] = headSlots(logId)
      if (root[31] !== 0xff) continue
      expect(head[31]).toBe(0)
      expect(head[30]).toBe(((root[30] ?? 0) + 1) % 256)
      break
    }
  })
})
