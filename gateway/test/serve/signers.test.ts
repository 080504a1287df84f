import { generateKeyPairSync } from 'node:crypto'
import { type Hash32, hash32 } from '@fieldproof/sdk/base'
import { nativeHash } from '@fieldproof/sdk/native'
import { beforeEach, describe, expect, it } from 'vitest'
import { signerOf } from '../../src/config/log-key.ts'
import { type Ledger, MemoryStore, openLedger } from '../../src/ledger/index.ts'
import { signersBetween, WANTED_LIMITS } from '../../src/serve/signers.ts'
import { entryOf, TestMachine } from '../gateway/machine-kit.ts'

const signer = signerOf(generateKeyPairSync('ed25519').privateKey)
const word = (byte: number): Hash32 => hash32(new Uint8Array(32).fill(byte))
const genesis = {
  origin: 'example.org/log',
  logKey: signer.publicKey,
  caip2: 'eip155:31337',
  anchorLog: new Uint8Array(20).fill(1),
  predecessor: null,
}

describe('what an anchor keeps', () => {
  let store: MemoryStore
  let ledger: Ledger

  beforeEach(async () => {
    store = new MemoryStore()
    ledger = await openLedger({ store, hash: nativeHash, signer, genesis, create: true })
  })

  const wanted = (from: number, to: number): ReturnType<typeof signersBetween> =>
    signersBetween({ store, hash: nativeHash, chainId: 31337, anchorBlock: 600 }, from, to)

  async function known(machine: TestMachine, of = machine): Promise<TestMachine> {
    const { thumbprint } = machine
    await store.putKey({ thumbprint, machine: of.id, coseKey: Uint8Array.of(1), retiredSequence: 0, revoked: false })
    return machine
  }

  async function log(
    machine: TestMachine,
    count: number,
    block?: { chainId?: number; blockNumber: number },
  ): Promise<void> {
    const beacon = block === undefined ? null : { chainId: 31337, blockHash: word(block.blockNumber), ...block }
    for (let i = 0; i < count; i++) await ledger.append(entryOf(machine, machine.next({ said: { beacon } })))
    while (ledger.isBusy) await new Promise((resolve) => setImmediate(resolve))
  }

  /** Others that are known, so many that not all keys are kept. */
  async function fillWithSilent(): Promise<void> {
    for (let i = 0; i < WANTED_LIMITS.silentKeys; i++) {
      const thumbprint = hash32(nativeHash.sha256(Uint8Array.of(i)))
      const id = new TestMachine().id
      await store.putKey({ thumbprint, machine: id, coseKey: Uint8Array.of(1), retiredSequence: 0, revoked: false })
    }
  }

  it('is of the statements of its range alone, each key and machine once', async () => {
    const [a, b, c] = [await known(new TestMachine()), await known(new TestMachine()), await known(new TestMachine())]
    await fillWithSilent()
    await log(a, 2)
    await log(b, 3)
    await log(c, 1)
    const { keys, machines } = await wanted(3, 6)
    expect(keys).toEqual([b.thumbprint])
    expect(machines).toEqual([b.thumbprint.slice(0, 16)])
    expect((await wanted(1, 7)).keys).toEqual([b.thumbprint, a.thumbprint, c.thumbprint]) // those that most need first
  })

  it('has the other keys of the machines that signed', async () => {
    const machine = await known(new TestMachine())
    const next = await known(new TestMachine(), machine)
    await fillWithSilent()
    await log(machine, 1)
    const { keys, machines } = await wanted(1, 2)
    expect(keys).toEqual([machine.thumbprint, next.thumbprint])
    expect(machines).toHaveLength(1)
  })

  it('has all keys of a small gateway, also of machines that signed nothing', async () => {
    const [a, b] = [await known(new TestMachine()), await known(new TestMachine())]
    await log(b, 1)
    expect((await wanted(1, 2)).keys).toEqual([b.thumbprint, a.thumbprint])
  })

  it('has the blocks that statements name on the chain of the anchors, those that most machines name first', async () => {
    const machine = await known(new TestMachine())
    await log(machine, 1, { blockNumber: 5 })
    await log(machine, 1, { blockNumber: 9 })
    await log(await known(new TestMachine()), 1, { blockNumber: 9 })
    await log(machine, 3, { chainId: 1, blockNumber: 7 })
    await log(machine, 1)
    expect((await wanted(1, 8)).beacons).toEqual([
      { number: 9, hash: word(9) },
      { number: 5, hash: word(5) },
    ])
  })

  it('has the first block of every machine before the later ones of a machine that names many, often', async () => {
    const greedy = await known(new TestMachine())
    for (let blockNumber = 1; blockNumber <= WANTED_LIMITS.beacons / 2; blockNumber++) {
      await log(greedy, 2, { blockNumber })
    }
    const other = await known(new TestMachine())
    await log(other, 1, { blockNumber: 590 })
    const { beacons } = await wanted(1, ledger.head.size)
    expect(beacons.slice(0, 3).map(({ number }) => number)).toEqual([1, 590, 2])
  })

  it('has no blocks that the state of the anchor cannot know, whoever names them', async () => {
    const machine = await known(new TestMachine())
    for (const blockNumber of [12_000, 1808, 1809, 10_000, 10_001]) await log(machine, 1, { blockNumber })
    const of = { store, hash: nativeHash, chainId: 31337, anchorBlock: 10_000 }
    const { beacons } = await signersBetween(of, 1, ledger.head.size)
    expect(beacons.map(({ number }) => number)).toEqual([1809, 10_000])
  })

  it('has no more blocks than the limit', async () => {
    const machine = await known(new TestMachine())
    for (let blockNumber = 1; blockNumber <= WANTED_LIMITS.beacons + 1; blockNumber++) {
      await ledger.append(
        entryOf(machine, machine.next({ said: { beacon: { chainId: 31337, blockNumber, blockHash: word(1) } } })),
      )
    }
    while (ledger.isBusy) await new Promise((resolve) => setImmediate(resolve))
    expect((await wanted(1, ledger.head.size)).beacons).toHaveLength(WANTED_LIMITS.beacons)
  })

  it('is nothing of an empty range but the keys of a small gateway', async () => {
    expect(await wanted(1, 1)).toEqual({ keys: [], machines: [], beacons: [] })
  })
})
