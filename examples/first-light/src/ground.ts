/** The ground that stations stand on: a local chain with the contracts, the gateway's log, and the gateway. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { enrolRelay, type Gateway, genesisOf, openState, parseConfig, startGateway } from '@fieldproof/gateway'
import {
  accountOf,
  contractAddresses,
  createLog,
  deployContracts,
  devPrivateKey,
  evmTarget,
  httpRpc,
  type LocalChain,
  registryKeys,
  startLocalChain,
} from '@fieldproof/gateway/anchor'
import { type FieldproofError, hash32, toHex } from '@fieldproof/sdk/base'
import { leafHash } from '@fieldproof/sdk/merkle'
import { nativeHash } from '@fieldproof/sdk/native'
import { encodeGenesis } from '@fieldproof/sdk/verify'
import type { DemoListener } from './events.ts'
import { assertSameVersion, choosePorts, DEMO_FORMAT, type DemoPorts, readMemory, writeMemory } from './memory.ts'
import type { DemoOptions } from './options.ts'

/** Everything under the stations. */
export interface Ground {
  readonly chain: LocalChain
  readonly gateway: Gateway
  /** MachineRegistry, `0x` hex. */
  readonly registry: string
  /** When this demo was first started, ms since 1970: where the replay of the record began. */
  readonly startedAt: number
  /** Resolves with the reason when chain or gateway can no longer go on. */
  readonly failed: Promise<FieldproofError>
  stop(): Promise<void>
}

const ORIGIN = 'first-light.invalid/log'
/** Accounts of the local chain: one begins the log and extends it, the other owns the machines and pays for their enrolment. */
const LOG_ACCOUNT = 0
const OWNER_ACCOUNT = 1
const ANCHOR_EVERY_MS = 5_000

/**
 * Starts, or goes on with, chain and gateway.
 * @throws FieldproofError `config-invalid` when the folder is another version's, and then nothing in it was changed
 */
export async function startGround(options: DemoOptions, now: () => number, emit: DemoListener): Promise<Ground> {
  const file = join(options.dir, 'demo.json')
  const before = await readMemory(file)
  const deploys = `0x${toHex((await contractAddresses()).registry)}`
  if (before !== null) assertSameVersion(options.dir, before, deploys)
  await mkdir(options.dir, { recursive: true, mode: 0o700 })
  const memory = { format: DEMO_FORMAT, startedAt: before?.startedAt ?? now(), registry: deploys }
  // Written first: from here on the next start expects what this one makes.
  await writeMemory(file, { ...memory, ports: before?.ports ?? null })
  const ports = await choosePorts(options, before?.ports ?? null)
  emit({ event: 'starting', what: 'local chain (anvil)' })
  let chainFailed: (error: FieldproofError) => void = () => undefined
  const chainEnd = new Promise<FieldproofError>((resolve) => {
    chainFailed = resolve
  })
  const chain = await startLocalChain({
    stateFile: join(options.dir, 'chain.json'),
    port: ports.rpcPort,
    onExit: (error) => chainFailed(error),
  })
  try {
    const { gateway, registry } = await startOnChain({ ...options, ...ports }, chain, before === null, now, emit)
    await writeMemory(file, { ...memory, ports: portsOf(gateway, chain) })
    const failed = Promise.race([chainEnd, gateway.failed])
    return { chain, gateway, registry, startedAt: memory.startedAt, failed, stop: () => stopGround(gateway, chain) }
  } catch (error) {
    await chain.stop()
    throw error
  }
}

/** What a gateway needs of the chain. */
export type GroundChain = Pick<LocalChain, 'url' | 'chainId' | 'save'>

/** Deploys what is missing on a chain and starts the gateway there; doing it again goes on with the same log. */
export async function startOnChain(
  options: Pick<DemoOptions, 'dir' | 'mqttPort' | 'httpPort'>,
  chain: GroundChain,
  create: boolean,
  now: () => number,
  emit: DemoListener,
): Promise<{ gateway: Gateway; registry: string }> {
  const { url: rpcUrl, chainId } = chain
  const logKey = devPrivateKey(LOG_ACCOUNT)
  const ownerKey = devPrivateKey(OWNER_ACCOUNT)
  emit({ event: 'starting', what: 'contracts' })
  const { registry, anchorLog } = await deployContracts(rpcUrl, logKey)
  const config = parseConfig({
    origin: ORIGIN,
    dataDir: join(options.dir, 'gateway'),
    mqtt: { port: options.mqttPort },
    http: { port: options.httpPort },
    anchor: { everyMs: ANCHOR_EVERY_MS, pollMs: 500, beaconMs: 1_000 },
  })
  const { signer, store } = openState(config, create)
  const genesis = encodeGenesis(genesisOf(config, signer, { caip2: `eip155:${chainId}`, anchorLog }))
  const genesisLeafHash = hash32(leafHash(nativeHash, genesis))
  const logId = await createLog({ rpcUrl, privateKey: logKey, anchorLog, genesisLeafHash })
  await chain.save()
  const registryHex = `0x${toHex(registry)}`
  emit({ event: 'chain-ready', rpc: rpcUrl, chainId, registry: registryHex, resumed: !create })
  emit({ event: 'starting', what: 'broker and gateway' })
  const gateway = await startGateway({
    config,
    create,
    store,
    signer,
    anchoring: await evmTarget({ rpcUrl, chainId, registry, logId, privateKey: logKey, finality: 'finalized' }),
    registry: registryKeys(httpRpc(rpcUrl), registry),
    enrol: enrolRelay({
      rpcUrl,
      privateKey: ownerKey,
      chainId,
      registry,
      owner: accountOf(ownerKey).address,
      homeLog: logId,
      now: () => Math.floor(now() / 1000),
    }),
    onEvent: (event) => emit({ from: 'gateway', ...event }),
  })
  return { gateway, registry: registryHex }
}

function portsOf({ mqttUrl, httpUrl }: Gateway, { url }: LocalChain): DemoPorts {
  const portOf = (text: string): number => Number(new URL(text).port)
  return { mqttPort: portOf(mqttUrl), httpPort: portOf(httpUrl), rpcPort: portOf(url) }
}

async function stopGround(gateway: Gateway, chain: LocalChain): Promise<void> {
  await gateway.stop().finally(() => chain.stop())
}
