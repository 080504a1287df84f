/** The HTTP application over a log in memory, with anchors that a test makes up. */
import { generateKeyPairSync } from 'node:crypto'
import { type Hash32, hash32 } from '@fieldproof/sdk/base'
import { keccak256 } from '@fieldproof/sdk/evm'
import { nativeHash, nativeSuites } from '@fieldproof/sdk/native'
import { type Report, verifyBundle } from '@fieldproof/sdk/verify'
import type { Hono } from 'hono'
import { expect } from 'vitest'
import { signerOf } from '../../src/config/log-key.ts'
import { everyKeyEnrolled, type KeyRegistry } from '../../src/index.ts'
import { type KeyDirectory, openKeyDirectory } from '../../src/ingest/key-directory.ts'
import { type Ledger, type LogEntry, MemoryStore, openLedger } from '../../src/ledger/index.ts'
import { createApp } from '../../src/serve/app.ts'
import type { EnrolRelay, EnrolRequest } from '../../src/serve/enrol.ts'
import { createMetrics } from '../../src/serve/metrics.ts'
import { buildHeader, buildState, type FakeKey, type FakeState } from '../anchor/fake-state.ts'
import { type BatchChanges, entryOf, rows, TestMachine } from '../gateway/machine-kit.ts'

export const signer = signerOf(generateKeyPairSync('ed25519').privateKey)
export const word = (byte: number): Hash32 => hash32(new Uint8Array(32).fill(byte))
export const chain = {
  chainId: 31337,
  caip2: 'eip155:31337',
  registry: new Uint8Array(20).fill(0xaa),
  anchorLog: new Uint8Array(20).fill(0xbb),
  logId: word(0xcc),
}
export const genesis = {
  origin: 'example.org/log',
  logKey: signer.publicKey,
  caip2: chain.caip2,
  anchorLog: chain.anchorLog,
  predecessor: null,
}

/** Header of a block that statements may name, and of one that none does. */
export const BEACON = buildHeader(60, 1_700_000_000, word(1))
const STRANGER = buildHeader(61, 1_700_000_012, word(1))

/** A key in the registry. */
export interface Signer extends Partial<FakeKey> {
  readonly thumbprint: Hash32
  /** First key of its machine, unless it is that. */
  readonly of?: Hash32
}

export class HttpRig {
  readonly store: MemoryStore
  readonly ledger: Ledger
  readonly directory: KeyDirectory
  readonly machine = new TestMachine()
  readonly app: Hono
  readonly requests: EnrolRequest[] = []
  readonly faults: unknown[] = []
  /** What a verifier would hear from a node. */
  readonly registry: { -readonly [K in keyof KeyRegistry]: KeyRegistry[K] } = { ...everyKeyEnrolled }
  /** What the relay fails with. */
  failure: Error | null = null
  isHealthy = true

  private constructor(store: MemoryStore, ledger: Ledger, directory: KeyDirectory) {
    this.store = store
    this.ledger = ledger
    this.directory = directory
    const { machine, requests } = this
    const metrics = createMetrics({
      logSize: () => ledger.head.size,
      queued: () => 0,
      connected: () => 1,
      anchoredSize: () => 0,
    })
    const terms = { owner: new Uint8Array(20), homeLog: chain.logId, nonce: 0, deadline: 9, digest: word(1) }
    const enrol: EnrolRelay = {
      challenge: async () => {
        if (this.failure !== null) throw this.failure
        return { machine: machine.id, ...terms }
      },
      enrol: async (request) => {
        requests.push(request)
        return { machine: machine.id, isNew: true }
      },
    }
    this.app = createApp({
      store,
      ledger,
      directory,
      hash: nativeHash,
      metrics,
      chain,
      registry: this.registry,
      enrol,
      onFault: (error) => this.faults.push(error),
      mqttUrl: () => 'mqtt://127.0.0.1:1',
      online: () => new Set([machine.id]),
      isHealthy: () => this.isHealthy,
    })
  }

  /** With one machine that has told its streams. */
  static async open(): Promise<HttpRig> {
    const store = new MemoryStore()
    const ledger = await openLedger({ store, hash: nativeHash, signer, genesis, create: true })
    const directory = await openKeyDirectory({
      store,
      registry: everyKeyEnrolled,
      homeLog: null,
      hash: nativeHash,
      suites: nativeSuites,
      now: () => 0,
      refreshMs: 1000,
      retryMs: 0,
      onFault: () => undefined,
    })
    const rig = new HttpRig(store, ledger, directory)
    await rig.born(rig.machine)
    return rig
  }

  async born(who: TestMachine): Promise<TestMachine> {
    await this.directory.announce(who.id, who.birth())
    return who
  }

  /** Logs batches of a machine, each of three rows. */
  async log(who: TestMachine, count: number): Promise<void> {
    await this.append(...Array.from({ length: count }, () => this.entry(who)))
  }

  async append(...entries: LogEntry[]): Promise<void> {
    for (const entry of entries) await this.ledger.append(entry)
    while (this.ledger.isBusy) await new Promise((resolve) => setImmediate(resolve))
  }

  /** An entry whose times are those of its rows. */
  entry(who: TestMachine, changes: BatchChanges = {}): LogEntry {
    const [first, , last] = rows(3, (who.sequence + 1) * 3)
    return { ...entryOf(who, who.next(changes)), times: { first: first?.time ?? 0, last: last?.time ?? 0 } }
  }

  /** @returns id of the anchor */
  async anchor(size = this.ledger.head.size, blockNumber = 70): Promise<number> {
    const head = { size, root: this.ledger.tree.root(size) }
    const prepared = { head, nonce: 0, txHash: word(7), rawTransaction: new Uint8Array() }
    const { id } = await this.store.putAnchorIntent(prepared)
    await this.store.setAnchorState(id, 'final', { txHash: word(7), blockNumber, blockHash: word(8) })
    return id
  }

  /** An anchor with evidence of what the contracts held. @returns hash of the block that it is of */
  async anchorWithState(signers: readonly Signer[], change: Partial<FakeState> = {}): Promise<Hash32> {
    const id = await this.anchor()
    const { size, root } = this.ledger.head
    const keys = signers.map(({ thumbprint, of = thumbprint, ...entry }) => ({
      thumbprint,
      machine: of.slice(0, 16),
      ...entry,
    }))
    const { root: stateRoot, nodes } = buildState({
      ...chain,
      head: { size, root, time: 1_800_000_000, blockNumber: 70 },
      keys,
      machines: keys.map(({ machine }) => machine),
      history: [{ number: 60, hash: keccak256(BEACON) }],
      ...change,
    })
    const header = buildHeader(70, 1_800_000_000, stateRoot)
    const cover = {
      keys: keys.map(({ thumbprint }) => thumbprint),
      machines: [...(change.machines ?? keys.map(({ machine }) => machine))],
    }
    const evidence = { header, nodes: [...nodes].reverse(), beaconHeaders: [STRANGER, BEACON], ...cover }
    await this.store.setAnchorEvidence(id, evidence)
    return keccak256(header)
  }

  async offline(path: string, blockHash: Hash32): Promise<Report> {
    return verifyOffline(await this.fetched(path), blockHash)
  }

  async fetched(path: string): Promise<Uint8Array> {
    const response = await this.app.request(path)
    if (response.status !== 200) throw new Error(await response.text())
    return new Uint8Array(await response.arrayBuffer())
  }

  async getJson(path: string): Promise<Record<string, unknown>> {
    const response = await this.app.request(path)
    expect(response.status).toBe(200)
    return (await response.json()) as Record<string, unknown>
  }

  async expectProblem(path: string, status: number, code: string, init?: RequestInit): Promise<void> {
    const response = await this.app.request(path, init)
    expect(response.status).toBe(status)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    const body = (await response.json()) as Record<string, unknown>
    expect(body).toMatchObject({ code, status })
    expect(body['docs']).toBe(`schemas/errors.md#${code}`)
    expect(typeof body['detail']).toBe('string')
  }
}

/** Verifies with nothing but trust and the hash of a block. */
export async function verifyOffline(file: Uint8Array, blockHash: Hash32): Promise<Report> {
  return verifyBundle(file, { trust: { registry: chain.registry, chainId: chain.chainId }, blockHash })
}
