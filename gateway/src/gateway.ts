/** A whole gateway in one process: broker, log, anchor and HTTP (architecture.md, embedded default). */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import {
  errorLine,
  FieldproofError,
  fieldproofErrorOf,
  fromHex,
  type MachineId,
  toHex,
  type UnixMs,
} from '@fieldproof/sdk/base'
import { chainIdOf } from '@fieldproof/sdk/evm'
import { nativeHash, nativeSuites } from '@fieldproof/sdk/native'
import { encodeReceiptMessage, type TopicName } from '@fieldproof/sdk/wire'
import type { AnchorPolicy, AnchorTarget } from './anchor/index.ts'
import type { GatewayConfig } from './config/config.ts'
import { genesisOf } from './config/genesis.ts'
import { openLogKey, readPrivateFile } from './config/log-key.ts'
import { Announcer } from './ingest/announcer.ts'
import { type Broker, startBroker } from './ingest/broker.ts'
import type { GatewayEvent, GatewayListener } from './ingest/events.ts'
import { Ingest } from './ingest/ingest.ts'
import { type KeyDirectory, openKeyDirectory } from './ingest/key-directory.ts'
import type { KeyRegistry } from './ingest/key-registry.ts'
import { anyone, type MachineAuth, passwords } from './ingest/machine-auth.ts'
import { type Ledger, openLedger, type Settled } from './ledger/ledger.ts'
import { openLibsqlStore } from './ledger/libsql-store.ts'
import type { LogSigner } from './ledger/log-signer.ts'
import type { Store } from './ledger/store.ts'
import { type AnchorDuty, startAnchorDuty } from './serve/anchor-duty.ts'
import { type ChainFacts, createApp } from './serve/app.ts'
import type { EnrolRelay } from './serve/enrol.ts'
import { type HttpServer, startHttp } from './serve/http.ts'
import { createMetrics, type Metrics } from './serve/metrics.ts'

/** What a gateway is made of. */
export interface GatewayOptions {
  readonly config: GatewayConfig
  /** Begins a log: data directory, log key, database and genesis. Without it they must be there. */
  readonly create?: boolean
  /** Null logs without anchoring. */
  readonly anchoring: AnchorTarget | null
  readonly registry: KeyRegistry
  readonly enrol?: EnrolRelay | null
  /** Defaults to SQLite in the data directory. The gateway closes it when it stops, or cannot start. */
  readonly store?: Store
  /** Defaults to the key file of the configuration. */
  readonly signer?: LogSigner
  readonly now?: () => UnixMs
  readonly onEvent?: GatewayListener
}

/** A running gateway. */
export interface Gateway {
  readonly ledger: Ledger
  readonly store: Store
  readonly mqttUrl: string
  readonly httpUrl: string
  /** Resolves with the reason when the gateway can no longer go on and has stopped itself. */
  readonly failed: Promise<FieldproofError>
  /** Takes nothing more, finishes what it has in hand, and closes. */
  stop(): Promise<void>
}

/** The log key and the database of a configuration. */
export function openState(config: GatewayConfig, create: boolean): { signer: LogSigner; store: Store } {
  if (create) makeDirectory(config)
  return { signer: openSigner(config, create), store: openStore(config, create) }
}

function makeDirectory({ dataDir }: GatewayConfig): void {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
}

function openSigner({ dataDir, logKeyFile }: GatewayConfig, create: boolean): LogSigner {
  return openLogKey(logKeyFile ?? join(dataDir, 'log-key.pem'), { create })
}

function openStore({ dataDir }: GatewayConfig, create: boolean): Store {
  return openLibsqlStore(join(dataDir, 'gateway.db'), { create })
}

/**
 * Starts a gateway.
 * @throws FieldproofError `config-invalid`, `store-corrupt`, `store-locked`, `store-behind-chain`, `head-conflict`,
 * `key-missing`, `key-exposed`, `port-taken`
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { config, create = false } = options
  if (create) makeDirectory(config)
  const signer = options.signer ?? openSigner(config, create)
  const store = options.store ?? openStore(config, create)
  const running = new RunningGateway(options, store)
  try {
    await running.start(signer, create)
    return running
  } catch (error) {
    await running.stop()
    throw error
  }
}

class RunningGateway implements Gateway {
  readonly store: Store
  readonly failed: Promise<FieldproofError>
  readonly #options: GatewayOptions
  #fail: (error: FieldproofError) => void = () => undefined
  #ledger: Ledger | null = null
  #broker: Broker | null = null
  #http: HttpServer | null = null
  #anchoring: AnchorDuty | null = null
  #metrics: Metrics | null = null
  #anchoredSize = 0
  #failure: FieldproofError | null = null
  #stopping: Promise<void> | null = null

  constructor(options: GatewayOptions, store: Store) {
    this.#options = options
    this.store = store
    this.failed = new Promise((resolve) => {
      this.#fail = resolve
    })
  }

  get ledger(): Ledger {
    return this.#ledger ?? notStarted()
  }

  get mqttUrl(): string {
    const { mqtt } = this.#options.config
    return mqtt.publicUrl ?? `mqtt://${urlHost(mqtt.host)}:${(this.#broker ?? notStarted()).port}`
  }

  get httpUrl(): string {
    return `http://${urlHost(this.#options.config.http.host)}:${(this.#http ?? notStarted()).port}`
  }

  async start(signer: LogSigner, create: boolean): Promise<void> {
    const { config, anchoring } = this.#options
    const now = this.#options.now ?? Date.now
    // Declared before it is there, because ledger and announcer call each other.
    let announcer: Announcer | null = null
    const ledger = await openLedger({
      store: this.store,
      hash: nativeHash,
      signer,
      genesis: genesisOf(config, signer, anchoring),
      create,
      onSettled: (group) => this.#onSettled(group, announcer),
      onFatal: (error) => this.#onFatal(error),
    })
    this.#ledger = ledger
    const directory = await openKeyDirectory({
      store: this.store,
      registry: this.#options.registry,
      hash: nativeHash,
      suites: nativeSuites,
      now,
      ...config.keys,
      homeLog: anchoring?.logId ?? null,
      onFault: (error) => this.#onFault(error),
    })
    const broker = (): Broker => this.#broker ?? notStarted()
    announcer = new Announcer({ store: this.store, ledger, broker, anchoring, onEvent: (event) => this.#emit(event) })
    this.#anchoredSize = await announcer.load()
    const ingest = new Ingest({
      ledger,
      directory,
      hash: nativeHash,
      suites: nativeSuites,
      limits: config.ingest,
      now,
      answer: (machine, message) => void broker().send(machine, 'receipt', encodeReceiptMessage(message)),
      onEvent: (event) => this.#emit(event),
    })
    this.#metrics = createMetrics({
      logSize: () => ledger.head.size,
      queued: () => ledger.queued,
      connected: () => this.#broker?.connected().length ?? 0,
      anchoredSize: () => this.#anchoredSize,
    })
    await this.#startAnchoring(ledger, announcer)
    await this.#listen(ledger, directory, ingest, announcer)
    this.#emit({ event: 'listening', mqttUrl: this.mqttUrl, httpUrl: this.httpUrl, logSize: ledger.head.size })
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  async #listen(ledger: Ledger, directory: KeyDirectory, ingest: Ingest, announcer: Announcer): Promise<void> {
    const { config, enrol, registry } = this.#options
    const metrics = this.#metrics ?? notStarted()
    const app = createApp({
      store: this.store,
      ledger,
      directory,
      hash: nativeHash,
      metrics,
      chain: this.#chainFacts(),
      registry,
      enrol: enrol ?? null,
      mqttUrl: () => this.mqttUrl,
      online: () => ingest.online,
      isHealthy: () => this.#failure === null && this.#stopping === null,
      onFault: (error) => {
        // Never fatal: no request of a stranger may stop the gateway.
        const { code, message } = fieldproofErrorOf(error) ?? new FieldproofError('store-corrupt', errorLine(error))
        this.#emit({ event: 'fault', code, detail: message })
      },
    })
    this.#broker = await startBroker({
      host: config.mqtt.host,
      port: config.mqtt.port,
      auth: machineAuth(config),
      accept: (machine, name, payload) => ingest.accept(machine, name, payload),
      refuseTopic: (machine, topic, payload) => ingest.refuseTopic(machine, topic, payload),
      onSubscribed: (machine, names) => this.#onSubscribed(announcer, machine, names),
      onGone: (machine) => ingest.gone(machine),
      onFault: (error) => this.#onFault(error),
    })
    this.#http = await startHttp(app, config.http.host, config.http.port)
  }

  async #startAnchoring(ledger: Ledger, announcer: Announcer): Promise<void> {
    const { anchoring, config } = this.#options
    if (anchoring === null) return
    const { pollMs, beaconMs, ...policy } = anchorPolicy(config)
    this.#anchoring = await startAnchorDuty({
      target: anchoring,
      store: this.store,
      ledger,
      hash: nativeHash,
      policy,
      pollMs,
      beaconMs,
      onFinalChanged: async () => {
        this.#anchoredSize = await announcer.load()
        if (this.#broker !== null) await announcer.anchored()
      },
      onBeacon: (beacon) => (this.#broker === null ? announcer.hold(beacon) : announcer.beacon(beacon)),
      onEvent: (event) => this.#emit(event),
      onFault: (error) => this.#onFault(error),
      onFatal: (error) => this.#onFatal(error),
    })
  }

  #onSettled(group: readonly Settled[], announcer: Announcer | null): void {
    for (const { entry, outcome } of group) {
      const { machine, sequence } = entry
      const logIndex = outcome.index
      if (outcome.kind === 'duplicate') {
        this.#emit({ event: 'batch-duplicate', machine, sequence, logIndex })
        continue
      }
      const { stream, rowCount: rows, message } = entry
      const { link } = outcome
      this.#emit({ event: 'batch-logged', machine, stream, sequence, rows, sizeBytes: message.length, logIndex, link })
      if (link === 'branch') this.#emit({ event: 'branch', machine, sequence, logIndex })
    }
    const { size, root } = this.#ledger?.head ?? notStarted()
    this.#emit({ event: 'checkpoint', logSize: size, root: toHex(root) })
    announcer?.settled(group).catch((error: unknown) => this.#onFault(error))
  }

  #onSubscribed(announcer: Announcer, machine: MachineId, names: readonly TopicName[]): void {
    const tell = async (): Promise<void> => {
      if (names.includes('head')) await announcer.retainedHead(machine)
      if (names.includes('beacon')) announcer.retainedBeacon(machine)
      if (names.includes('receipt')) await announcer.catchUp(machine)
    }
    tell().catch((error: unknown) => this.#onFault(error))
  }

  /** A coded error touches one message or one answer, and the gateway goes on; any other may be the disk's. */
  #onFault(error: unknown): void {
    if (this.#failure !== null || this.#stopping !== null) return
    const known = fieldproofErrorOf(error)
    if (known !== undefined) this.#emit({ event: 'fault', code: known.code, detail: known.message })
    else this.#onFatal(new FieldproofError('store-corrupt', errorLine(error), { cause: error }))
  }

  /** The log cannot go on: stop at once. What is not acknowledged will be sent again after the restart. */
  #onFatal(error: FieldproofError): void {
    if (this.#failure !== null) return
    this.#failure = error
    this.#emit({ event: 'fatal', code: error.code, detail: error.message })
    const tell = (): void => this.#fail(error)
    this.stop().then(tell, tell) // what fails while stopping has this same reason
  }

  async #stop(): Promise<void> {
    this.#broker?.drain()
    // The anchorer writes to the store, so it ends before it; what it has sent is in the store already (A1).
    await this.#anchoring?.stop()
    await this.#ledger?.close()
    await nextTurn() // acknowledgements of the last group
    await this.#broker?.close()
    await this.#http?.close()
    await this.store.close()
    this.#emit({ event: 'stopped' })
  }

  #chainFacts(): ChainFacts | null {
    const { anchoring } = this.#options
    if (anchoring === null) return null
    const { caip2, registry, anchorLog, logId } = anchoring
    return { chainId: chainIdOf(caip2), caip2, registry, anchorLog, logId }
  }

  #emit(event: GatewayEvent): void {
    this.#metrics?.observe(event)
    this.#options.onEvent?.(event)
  }
}

function anchorPolicy({
  anchor,
}: GatewayConfig): AnchorPolicy & { readonly pollMs: number; readonly beaconMs: number } {
  const { maxFeePerGasWei, ...rest } = anchor
  return maxFeePerGasWei === null ? rest : { ...rest, maxFeePerGas: BigInt(maxFeePerGasWei) }
}

function machineAuth({ mqtt }: GatewayConfig): MachineAuth {
  if (mqtt.passwordKeyFile === null) return anyone
  const secret = fromHex(readPrivateFile(mqtt.passwordKeyFile, 'password key').trim())
  if (secret.length !== 32) throw new FieldproofError('key-invalid', 'a password key is 32 bytes in hex')
  return passwords(secret)
}

function urlHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}

function notStarted(): never {
  throw new FieldproofError('not-found', 'the gateway has not been started')
}
