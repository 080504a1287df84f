/** A node that lies, is behind or leaves something out is caught before its words are stored as evidence. */
import { FieldproofError } from '@fieldproof/sdk/base'
import { HISTORY_CONTRACT, type Rpc, readHeader, readState, toRpcData, toRpcQuantity } from '@fieldproof/sdk/evm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { collectEvidence, type LogContracts, type MinedIn } from '../../src/anchor/evidence.ts'
import { EvidenceMemory } from '../../src/anchor/evidence-memory.ts'
import { fetchHeader } from '../../src/anchor/header.ts'
import { nodeComplaint } from '../../src/anchor/http-rpc.ts'
import { NodePool } from '../../src/anchor/node-pool.ts'
import type { AnchorEvidence, AnchorTarget, EvidenceWanted } from '../../src/anchor/ports.ts'
import { TestMachine } from '../gateway/machine-kit.ts'
import { type AnvilKit, startAnvil } from './anvil-kit.ts'
import { enrolOnChain } from './enrol-kit.ts'
import { digest } from './fake-chain.ts'

type Fields = Record<string, unknown>

let kit: AnvilKit

beforeAll(async () => {
  kit = await startAnvil()
  await kit.mine(2)
})

afterAll(() => kit.chain.stop())

/** The real node, with one answer changed. */
function lying(method: string, change: (fields: Fields) => unknown): Rpc {
  return async (asked, params) => {
    const answer = await kit.rpc(asked, params)
    return asked === method ? change(structuredClone(answer) as Fields) : answer
  }
}

describe('evidence', () => {
  const machine = new TestMachine()
  let log: LogContracts
  let target: AnchorTarget
  let wanted: EvidenceWanted
  let mined: MinedIn
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
    mined = { ...opened.log.current(), blockNumber: status.kind === 'final' ? status.blockNumber : 0 }
    const { registry, anchorLog, logId } = target
    log = { rpc: kit.rpc, registry, anchorLog, logId, memory: new EvidenceMemory() }
    honest = await collected(kit.rpc)
  })

  async function collected(rpc: Rpc): Promise<AnchorEvidence> {
    return collectEvidence(
      { ...log, rpc, memory: new EvidenceMemory() },
      await fetchHeader(kit.rpc, mined.blockNumber),
      mined,
      wanted,
    )
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

  it('has no beacon, and all else, when the proof of its slot is missing or of something else', async () => {
    const { nodes } = honest
    for (const change of [() => [], () => ['0xc0']]) {
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

  it.each<[string, Rpc]>([
    ['headers', failing('eth_getBlockByNumber', () => true)],
    ['the history', failing('eth_getProof', ([account]) => account === toRpcData(HISTORY_CONTRACT))],
    [
      'the history, in a form that is none',
      async (method, params) => {
        const answer = (await kit.rpc(method, params)) as Fields
        return params[0] === toRpcData(HISTORY_CONTRACT) ? { ...answer, storageProof: [{ proof: null }] } : answer
      },
    ],
  ])('has no beacon after some tries that brought nothing new about %s', async (_what, rpc) => {
    const memory = new EvidenceMemory()
    const header = await fetchHeader(kit.rpc, mined.blockNumber)
    const again = (): Promise<AnchorEvidence> => collectEvidence({ ...log, rpc, memory }, header, mined, wanted)
    for (let i = 0; i < 5; i++) await expect(again()).rejects.toMatchObject({ code: expect.stringMatching(/^rpc-/) })
    expect(await again()).toMatchObject({ beaconHeaders: [], keys: [machine.thumbprint] })
  })

  it('does not take trouble with beacons for a state that is gone', async () => {
    const rpc = failing('eth_getBlockByNumber', () => true)
    const failure = await collected(rpc).catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'rpc-failed' })
    expect(nodeComplaint(failure)).toBeNull()
  })

  it.each(['missing trie node 12', 'header not found', 'historical state 0x12 is not available'])(
    'has no beacon at once when the node says %s, for that is its last word',
    async (words) => {
      const rpc = failing('eth_getBlockByNumber', () => true, words)
      expect((await collected(rpc)).beaconHeaders).toEqual([])
    },
  )

  it('has no head but the one that was anchored', async () => {
    const header = await fetchHeader(kit.rpc, mined.blockNumber)
    for (const other of [{ size: 5 }, { root: digest('other') }, { blockNumber: mined.blockNumber - 1 }]) {
      const fresh = { ...log, memory: new EvidenceMemory() }
      await expect(collectEvidence(fresh, header, { ...mined, ...other }, wanted)).rejects.toThrow(
        'no node state is left',
      )
    }
  })

  it('is of the very block that mined the head, not of another one with its number', async () => {
    const { size, root, blockNumber } = mined
    const minedIn = { blockNumber, blockHash: digest('another block') }
    await expect(target.evidence({ size, root }, minedIn, wanted)).rejects.toMatchObject({ code: 'rpc-failed' })
    const { hash: blockHash } = readHeader(honest.header)
    expect(await target.evidence({ size, root }, { blockNumber, blockHash }, wanted)).toEqual(honest)
  })

  it('says whose entries it shows, and of nobody else', () => {
    expect(honest.keys).toEqual([machine.thumbprint])
    expect(honest.machines).toEqual([machine.thumbprint.slice(0, 16)])
  })

  it('asks for each part of the state once, however often it has to begin again', async () => {
    const asked: string[] = []
    let isBusy = true
    const rpc: Rpc = async (method, params) => {
      if (method === 'eth_getProof') asked.push(String(params[0]))
      if (method !== 'eth_getProof' || params[0] !== toRpcData(log.anchorLog) || !isBusy) return kit.rpc(method, params)
      throw new FieldproofError('rpc-failed', 'busy', { facts: { method, reason: 'HTTP 429' } })
    }
    const memory = new EvidenceMemory()
    const header = await fetchHeader(kit.rpc, mined.blockNumber)
    const again = (): Promise<AnchorEvidence> => collectEvidence({ ...log, rpc, memory }, header, mined, wanted)
    for (let i = 0; i < 2; i++) await expect(again()).rejects.toMatchObject({ code: 'rpc-failed' })
    isBusy = false
    expect(await again()).toEqual(honest)
    expect(asked.filter((account) => account === toRpcData(log.registry))).toHaveLength(1)
  })

  it('asks for the state again when what it was given proves nothing', async () => {
    const memory = new EvidenceMemory()
    const header = await fetchHeader(kit.rpc, mined.blockNumber)
    const lies = lyingOf(log.registry, (fields) => ({ ...fields, accountProof: [] }))
    await expect(collectEvidence({ ...log, rpc: lies, memory }, header, mined, wanted)).rejects.toThrow('rpc-invalid')
    expect(await collectEvidence({ ...log, memory }, header, mined, wanted)).toEqual(honest)
  })

  /** The real node, that fails at some requests with words that mean nothing, or with these. */
  function failing(
    method: string,
    isMeant: (params: readonly unknown[]) => boolean,
    rpcMessage = 'internal error',
  ): Rpc {
    return async (asked, params) => {
      if (asked !== method || !isMeant(params)) return kit.rpc(asked, params)
      throw new FieldproofError('rpc-failed', rpcMessage, { facts: { rpcCode: -32603, rpcMessage } })
    }
  }

  it('asks for each header of a beacon once, however often it has to begin again', async () => {
    let blocks = 0
    let isBusy = true
    const memory = new EvidenceMemory()
    const busy: Rpc = async (method, params) => {
      if (method === 'eth_getBlockByNumber') blocks++
      if (params[0] !== toRpcData(HISTORY_CONTRACT) || !isBusy) return kit.rpc(method, params)
      throw new FieldproofError('rpc-failed', 'busy', { facts: { method, reason: 'HTTP 429' } })
    }
    const header = await fetchHeader(kit.rpc, mined.blockNumber)
    const again = (): Promise<AnchorEvidence> => collectEvidence({ ...log, rpc: busy, memory }, header, mined, wanted)
    await expect(again()).rejects.toMatchObject({ code: 'rpc-failed' })
    expect(memory.headers.size).toBe(1)
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
      kit.rpc(method, method === 'eth_getProof' ? [params[0], params[1], toRpcQuantity(mined.blockNumber - 1)] : params)
    await expect(collected(later)).rejects.toMatchObject({ code: 'rpc-invalid' })
  })

  it('of another AnchorLog than the registry names is refused', async () => {
    const wrong = { ...log, anchorLog: log.registry, memory: new EvidenceMemory() }
    const header = await fetchHeader(kit.rpc, mined.blockNumber)
    await expect(collectEvidence(wrong, header, mined, wanted)).rejects.toMatchObject({ code: 'rpc-invalid' })
  })

  it('asks for many slots in parts', async () => {
    const sizes: number[] = []
    const counting: Rpc = (method, params) => {
      if (method === 'eth_getProof') sizes.push((params[1] as unknown[]).length)
      return kit.rpc(method, params)
    }
    const keys = Array.from({ length: 250 }, (_, i) => digest(`key ${i}`))
    const header = await fetchHeader(kit.rpc, mined.blockNumber)
    await collectEvidence({ ...log, rpc: counting, memory: new EvidenceMemory() }, header, mined, {
      keys,
      machines: [],
      beacons: [],
    })
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
