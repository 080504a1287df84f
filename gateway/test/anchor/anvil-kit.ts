/** A log on a real anvil, whose blocks come only when a test mines them. */
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { Hash32 } from '@fieldproof/sdk/base'
import type { Rpc } from '@fieldproof/sdk/evm'
import { accountOf, devPrivateKey } from '../../src/anchor/accounts.ts'
import { type Contracts, createLog, deployContracts } from '../../src/anchor/deploy.ts'
import { type EvmTargetOptions, evmTarget } from '../../src/anchor/evm-target.ts'
import { httpRpc } from '../../src/anchor/http-rpc.ts'
import { type LocalChain, startLocalChain } from '../../src/anchor/local-chain.ts'
import type { AnchorTarget } from '../../src/anchor/ports.ts'
import { FakeLog } from './fake-chain.ts'

export const OPERATOR: string = devPrivateKey(0)
export const RELAY: string = devPrivateKey(1)

export interface AnvilKit {
  readonly chain: LocalChain
  readonly rpc: Rpc
  readonly contracts: Contracts
  mine(blocks?: number): Promise<void>
  /** Undoes the newest blocks with all that is in them. */
  reorg(depth: number): Promise<void>
  /** Transactions wait until {@link mine}. */
  hold(): Promise<void>
  /** A new log with its target. @param salt makes another log */
  openLog(
    size: number,
    salt: number,
    options?: Partial<EvmTargetOptions>,
  ): Promise<{ log: FakeLog; logId: Hash32; target: AnchorTarget }>
}

export async function startAnvil(stateFile?: string): Promise<AnvilKit> {
  const chain = await startLocalChain({ blockTimeS: 3_600, ...(stateFile === undefined ? {} : { stateFile }) })
  const rpc = httpRpc(chain.url)
  const contracts = await deployContracts(chain.url, OPERATOR)
  return {
    chain,
    rpc,
    contracts,
    mine: async (blocks = 1) => {
      await rpc('anvil_mine', [`0x${blocks.toString(16)}`])
    },
    reorg: async (depth) => {
      await rpc('anvil_reorg', [depth, []])
    },
    hold: async () => {
      await rpc('evm_setAutomine', [false])
      await rpc('evm_setIntervalMining', [0])
    },
    openLog: async (size, salt, options) => {
      const log = new FakeLog(size, salt)
      const { anchorLog, registry } = contracts
      const logId = await createLog({
        rpcUrl: chain.url,
        privateKey: OPERATOR,
        anchorLog,
        genesisLeafHash: log.rootAt(1),
      })
      const given = { rpcUrl: chain.url, chainId: chain.chainId, registry, logId, privateKey: OPERATOR }
      return { log, logId, target: await evmTarget({ ...given, finality: 'finalized', ...options }) }
    },
  }
}

/** Any transaction of the operator's account that is not an anchor. */
export async function sendForeign(kit: AnvilKit): Promise<void> {
  const from = `0x${Buffer.from(accountOf(OPERATOR).address).toString('hex')}`
  await kit.rpc('eth_sendTransaction', [{ from, to: from, value: '0x1', gasPrice: '0x174876e800' }])
}

/** Cuts the power: nothing is written, and the process is gone when this resolves. */
export async function cutPower(pid: number): Promise<void> {
  process.kill(pid, 'SIGKILL')
  await until(async () => !isAlive(pid))
}

export function isAlive(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`).length > 0 // a zombie has none
  } catch {
    return false
  }
}

/** Waits for something that other processes do. */
export async function until(condition: () => Promise<boolean>): Promise<void> {
  for (const end = performance.now() + 10_000; !(await condition()); await delay(20)) {
    if (performance.now() > end) throw new Error('it did not happen')
  }
}
