/** A whole gateway over a real chain, whose blocks come only when something is sent or the test wants them. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { equalBytes, type Hash32, hash32 } from '@fieldproof/sdk/base'
import { caip2Of, fetchBlock, type Rpc } from '@fieldproof/sdk/evm'
import { leafHash } from '@fieldproof/sdk/merkle'
import { nativeHash, nativeSuites } from '@fieldproof/sdk/native'
import { encodeGenesis, type Report, verifyBundle } from '@fieldproof/sdk/verify'
import type { Beacon } from '@fieldproof/sdk/wire'
import { createLog } from '../../src/anchor/deploy.ts'
import { evmTarget } from '../../src/anchor/evm-target.ts'
import { httpRpc } from '../../src/anchor/http-rpc.ts'
import { type LocalChain, startLocalChain } from '../../src/anchor/local-chain.ts'
import { registryKeys } from '../../src/anchor/registry.ts'
import { type Gateway, type GatewayEvent, genesisOf, openState, parseConfig, startGateway } from '../../src/index.ts'
import { type AnvilKit, OPERATOR, startAnvil } from '../anchor/anvil-kit.ts'
import { enrolOnChain } from '../anchor/enrol-kit.ts'
import type { MadeBatch, TestMachine } from './machine-kit.ts'
import { TestLink } from './mqtt-kit.ts'

export class AnvilRig {
  readonly kit: AnvilKit
  readonly #folder: string
  readonly #config: ReturnType<typeof parseConfig>
  readonly #links = new Map<string, TestLink>()
  #chain: LocalChain
  #gateway: Gateway | null = null
  #logId: Hash32 = hash32(new Uint8Array(32))
  #anchoredSize = 1
  #events: GatewayEvent[] = []
  #wake: () => void = () => undefined

  private constructor(kit: AnvilKit, folder: string) {
    this.kit = kit
    this.#chain = kit.chain
    this.#folder = folder
    this.#config = parseConfig({
      origin: 'example.org/offline',
      dataDir: join(folder, 'gateway'),
      mqtt: { port: 0 },
      http: { port: 0 },
      keys: { retryMs: 0 },
      anchor: { everyMs: 0, pollMs: 50, beaconMs: 50 },
    })
  }

  static async start(): Promise<AnvilRig> {
    const folder = mkdtempSync(join(tmpdir(), 'fieldproof-offline-'))
    const kit = await startAnvil(join(folder, 'chain.json'))
    const rig = new AnvilRig(kit, folder)
    const { signer, store } = openState(rig.#config, true)
    await store.close()
    const { anchorLog } = kit.contracts
    const genesis = genesisOf(rig.#config, signer, { caip2: caip2Of(kit.chain.chainId), anchorLog })
    const genesisLeafHash = leafHash(nativeHash, encodeGenesis(genesis))
    rig.#logId = await createLog({ rpcUrl: kit.chain.url, privateKey: OPERATOR, anchorLog, genesisLeafHash })
    await rig.#open(true)
    return rig
  }

  get gateway(): Gateway {
    if (this.#gateway === null) throw new Error('the gateway does not run')
    return this.#gateway
  }

  get rpc(): Rpc {
    return httpRpc(this.#chain.url)
  }

  /** Ends chain and gateway and starts both again: the chain has then forgotten the states of all blocks but the newest. */
  async restart(): Promise<void> {
    await this.#close()
    await this.#chain.stop()
    this.#chain = await startLocalChain({ stateFile: join(this.#folder, 'chain.json'), blockTimeS: 3_600 })
    await this.#open(false)
  }

  /** Enrols a machine and connects it. */
  async enrol(machine: TestMachine, definitions?: readonly Uint8Array[]): Promise<void> {
    await enrolOnChain(this.kit, machine, this.#logId)
    await this.announce(machine, machine.birth(definitions))
  }

  /** Publishes a birth message over the machine's connection. */
  async announce(machine: TestMachine, birth: Uint8Array): Promise<void> {
    await (await this.#link(machine)).publish('birth', birth)
  }

  /** Publishes a batch; resolves when it is logged. */
  async log(machine: TestMachine, batch: MadeBatch): Promise<void> {
    const link = await this.#link(machine)
    await link.publish('batch', batch.message)
    const answer = await link.receipt(
      (m) =>
        (m.kind !== 'refused' && equalBytes(m.id, batch.id)) ||
        (m.kind === 'refused' && equalBytes(m.message, batch.digest)),
    )
    if (answer.kind === 'refused') throw new Error(`refused: ${answer.code} ${answer.detail}`)
  }

  /** Mines until everything that is logged is anchored for good. */
  async anchor(): Promise<void> {
    while (this.#anchoredSize < this.gateway.ledger.head.size) {
      for (const event of this.#events.splice(0)) {
        if (event.event === 'anchor-included') await this.rpc('anvil_mine', ['0x2'])
        if (event.event === 'anchored') this.#anchoredSize = event.logSize
        if (event.event === 'fault' || event.event === 'fatal') throw new Error(event.detail)
      }
      if (this.#anchoredSize >= this.gateway.ledger.head.size) return
      await new Promise<void>((resolve) => {
        this.#wake = resolve
        if (this.#events.length > 0) resolve()
      })
    }
  }

  /** The newest final block, as machines hear of it. */
  async beacon(): Promise<Beacon> {
    const block = await fetchBlock(this.rpc, 'finalized')
    if (block === null) throw new Error('no block is final')
    return { chainId: this.#chain.chainId, blockNumber: block.number, blockHash: block.hash }
  }

  async get(path: string): Promise<Uint8Array> {
    const response = await fetch(this.gateway.httpUrl + path)
    if (response.status !== 200) throw new Error(await response.text())
    return new Uint8Array(await response.arrayBuffer())
  }

  /** Verifies without a node: the chain is asked for the hash of one block before, and for nothing else. */
  async verifyOffline(file: Uint8Array, blockNumber: number): Promise<Report> {
    const block = await fetchBlock(this.rpc, blockNumber)
    const trust = { registry: this.kit.contracts.registry, chainId: this.#chain.chainId }
    const engines = { hash: nativeHash, suites: nativeSuites }
    return verifyBundle(file, { trust, engines, ...(block === null ? {} : { blockHash: block.hash }) })
  }

  async stop(): Promise<void> {
    await this.#close()
    await this.#chain.stop()
    rmSync(this.#folder, { recursive: true })
  }

  async #open(create: boolean): Promise<void> {
    const { chainId, url: rpcUrl } = this.#chain
    const { registry } = this.kit.contracts
    const given = { rpcUrl, chainId, registry, logId: this.#logId, privateKey: OPERATOR }
    this.#gateway = await startGateway({
      config: this.#config,
      create,
      anchoring: await evmTarget({ ...given, finality: 'finalized' }),
      registry: registryKeys(httpRpc(rpcUrl), registry, undefined, { enrolledMs: 0, unknownMs: 0 }),
      onEvent: (event) => {
        this.#events.push(event)
        this.#wake()
      },
    })
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#links.values()].map((link) => link.close()))
    this.#links.clear()
    await this.#gateway?.stop()
    this.#gateway = null
  }

  async #link(machine: TestMachine): Promise<TestLink> {
    const known = this.#links.get(machine.id)
    if (known !== undefined) return known
    const link = await TestLink.connect(this.gateway.mqttUrl, machine.id)
    await link.subscribe('receipt')
    this.#links.set(machine.id, link)
    return link
  }
}
