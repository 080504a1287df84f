/** Putting the contracts on a chain, and beginning a log. Both find what is there already, so a crash in between is harmless. */
import { readFile } from 'node:fs/promises'
import { concat, FieldproofError, fromHex, type Hash32 } from '@fieldproof/sdk/base'
import {
  fetchCall,
  fetchChainId,
  headCall,
  keccak256,
  logIdOf,
  type Rpc,
  readData,
  readHead,
  toRpcData,
  wordOf,
} from '@fieldproof/sdk/evm'
import { encodeFunctionData } from 'viem'
import { anchorLogAbi } from './abi.ts'
import { type Account, accountOf } from './accounts.ts'
import { httpRpc } from './http-rpc.ts'
import { transact } from './transact.ts'

/** Addresses, 20 bytes each. */
export interface Contracts {
  readonly registry: Uint8Array
  readonly anchorLog: Uint8Array
  readonly p256Verifier: Uint8Array
}

/** Factory that anvil and most public chains have at this address: same code, same salt, same address, everywhere. */
const FACTORY = fromHex('4e59b44847b379578588920ca78fbf26c0b4956c')
const SALT = new Uint8Array(32)
const DEADLINE_MS = 120_000

/** A contract to be created: its address follows from its code alone (EIP-1014). */
interface Creation {
  readonly address: Uint8Array
  readonly initCode: Uint8Array
}

/** Addresses of the contracts of this version, on every chain that has the factory. */
export async function contractAddresses(): Promise<Contracts> {
  const { anchorLog, p256Verifier, registry } = await creations()
  return { anchorLog: anchorLog.address, p256Verifier: p256Verifier.address, registry: registry.address }
}

/**
 * Deploys AnchorLog, the P-256 verifier and a MachineRegistry over both. Through CREATE2, so the addresses follow from the
 * code alone, and what is deployed already is found, not deployed again.
 * @param privateKey pays; it gets no right over the contracts
 * @throws FieldproofError `contract-missing` when the chain has no CREATE2 factory, `transaction-failed`, `rpc-failed`
 */
export async function deployContracts(rpcUrl: string, privateKey: string): Promise<Contracts> {
  const rpc = httpRpc(rpcUrl)
  const account = accountOf(privateKey)
  if (!(await hasCode(rpc, FACTORY))) {
    throw new FieldproofError('contract-missing', `the chain has no CREATE2 factory at ${toRpcData(FACTORY)}`, {
      facts: { address: toRpcData(FACTORY) },
    })
  }
  const chainId = await fetchChainId(rpc)
  const { anchorLog, p256Verifier, registry } = await creations()
  for (const creation of [anchorLog, p256Verifier, registry]) await create2(rpc, account, chainId, creation)
  return contractAddresses()
}

async function creations(): Promise<Readonly<Record<keyof Contracts, Creation>>> {
  const creation = async (contract: string, ...args: Uint8Array[]): Promise<Creation> => {
    const initCode = concat(await bytecodeOf(contract), ...args.map(wordOf))
    return { initCode, address: keccak256(concat(Uint8Array.of(0xff), FACTORY, SALT, keccak256(initCode))).slice(12) }
  }
  const anchorLog = await creation('AnchorLog')
  const p256Verifier = await creation('ERC7913P256Verifier')
  return {
    anchorLog,
    p256Verifier,
    registry: await creation('MachineRegistry', anchorLog.address, p256Verifier.address),
  }
}

/** What a log needs to begin. */
export interface LogOptions {
  readonly rpcUrl: string
  /** Of the owner: the cold key, part of the log's id. */
  readonly privateKey: string
  /** 20 bytes. */
  readonly anchorLog: Uint8Array
  readonly genesisLeafHash: Hash32
  /** Hot key that extends the log, 20 bytes; the owner by default. */
  readonly appender?: Uint8Array
}

/**
 * Begins a log, or finds it begun.
 * @returns its id
 * @throws FieldproofError `contract-missing`, `transaction-failed`, `rpc-failed`
 */
export async function createLog(options: LogOptions): Promise<Hash32> {
  const { anchorLog, genesisLeafHash } = options
  const rpc = httpRpc(options.rpcUrl)
  const account = accountOf(options.privateKey)
  const logId = logIdOf(account.address, genesisLeafHash)
  if (readHead(await fetchCall(rpc, anchorLog, headCall(logId))).size > 0) return logId
  const appender = toRpcData(options.appender ?? account.address) as `0x${string}`
  const data = encodeFunctionData({
    abi: anchorLogAbi,
    functionName: 'create',
    args: [toRpcData(genesisLeafHash) as `0x${string}`, appender],
  })
  const call = { to: anchorLog, data: fromHex(data), abi: anchorLogAbi }
  await transact(rpc, account, await fetchChainId(rpc), call, DEADLINE_MS)
  return logId
}

async function create2(rpc: Rpc, account: Account, chainId: number, { address, initCode }: Creation): Promise<void> {
  if (await hasCode(rpc, address)) return
  await transact(rpc, account, chainId, { to: FACTORY, data: concat(SALT, initCode) }, DEADLINE_MS)
  if (await hasCode(rpc, address)) return
  throw new FieldproofError('transaction-failed', 'the factory mined the deployment and left no contract')
}

async function hasCode(rpc: Rpc, address: Uint8Array): Promise<boolean> {
  return readData(await rpc('eth_getCode', [toRpcData(address), 'latest']), 'eth_getCode').length > 0
}

async function bytecodeOf(contract: string): Promise<Uint8Array> {
  const file = new URL(`../../contracts/artifacts/${contract}.json`, import.meta.url)
  const artifact = JSON.parse(await readFile(file, 'utf8')) as { readonly bytecode: string }
  return fromHex(artifact.bytecode)
}
