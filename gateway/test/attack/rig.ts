/** A whole gateway on free ports over a chain and a registry that are made up. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { leafHash } from '@fieldproof/sdk/merkle'
import { nativeHash } from '@fieldproof/sdk/native'
import { encodeGenesis } from '@fieldproof/sdk/verify'
import {
  type Gateway,
  type GatewayEvent,
  type GatewayOptions,
  genesisOf,
  openState,
  parseConfig,
  startGateway,
} from '../../src/index.ts'
import { FakeChain, FakeRegistry } from '../gateway/fake-chain.ts'
import { TestMachine } from '../gateway/machine-kit.ts'
import { TestLink } from '../gateway/mqtt-kit.ts'

/** A gateway under attack, with one honest machine that is enrolled. */
export class Rig {
  readonly gateway: Gateway
  readonly chain: FakeChain
  readonly registry: FakeRegistry
  readonly events: GatewayEvent[]
  readonly machine = new TestMachine()
  readonly #links: TestLink[] = []
  readonly #directory: string

  private constructor(
    gateway: Gateway,
    chain: FakeChain,
    registry: FakeRegistry,
    events: GatewayEvent[],
    directory: string,
  ) {
    this.gateway = gateway
    this.chain = chain
    this.registry = registry
    this.events = events
    this.#directory = directory
    registry.enrol(this.machine)
  }

  static async start(ingest: Record<string, number> = {}, more: Partial<GatewayOptions> = {}): Promise<Rig> {
    const directory = mkdtempSync(join(tmpdir(), 'fieldproof-attack-'))
    const config = parseConfig({
      origin: 'example.org/test',
      dataDir: directory,
      mqtt: { port: 0 },
      http: { port: 0 },
      keys: { retryMs: 0 },
      ingest,
      anchor: { everyMs: 0, pollMs: 50, beaconMs: 50 },
    })
    const chain = new FakeChain()
    const state = openState(config, true)
    chain.begin(leafHash(nativeHash, encodeGenesis(genesisOf(config, state.signer, chain))))
    const events: GatewayEvent[] = []
    const registry = new FakeRegistry()
    const onEvent = (event: GatewayEvent): void => void events.push(event)
    const options = { config, create: true, anchoring: chain, registry, ...state, onEvent, ...more }
    return new Rig(await startGateway(options), chain, registry, events, directory)
  }

  async online(machine: TestMachine = this.machine): Promise<TestLink> {
    const link = await TestLink.connect(this.gateway.mqttUrl, machine.id)
    this.#links.push(link)
    await link.subscribe('receipt', 'head', 'beacon')
    await link.publish('birth', machine.birth())
    return link
  }

  async stop(): Promise<void> {
    await Promise.all(this.#links.map((link) => link.close()))
    await this.gateway.stop()
    rmSync(this.#directory, { recursive: true })
  }
}
