import { type ChildProcess, spawn } from 'node:child_process'
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type FieldproofError, fromHex, type Hash32 } from '@fieldproof/sdk/base'
import { type Block, fetchBlock, fetchReceipt, type Rpc } from '@fieldproof/sdk/evm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { accountOf, devPrivateKey } from '../../src/anchor/accounts.ts'
import { findAnvil } from '../../src/anchor/anvil-process.ts'
import { httpRpc } from '../../src/anchor/http-rpc.ts'
import { type LocalChain, type LocalChainOptions, startLocalChain } from '../../src/anchor/local-chain.ts'
import { transact } from '../../src/anchor/transact.ts'
import { cutPower, isAlive, until } from './anvil-kit.ts'

const OWNER = accountOf(devPrivateKey(0))
/** Stores 42 in slot 0 and leaves no code. */
const STORE_42 = fromHex('602a60005500')
/** Blocks come only when a test mines them. */
const QUIET = 3_600

let folder: string
let stateFile: string
const running: LocalChain[] = []
const children: ChildProcess[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'local-chain-'))
  stateFile = join(folder, 'chain.json')
})

afterEach(async () => {
  for (const chain of running.splice(0)) await chain.stop().catch(() => undefined)
  for (const child of children.splice(0)) child.kill('SIGKILL')
  rmSync(folder, { recursive: true })
})

async function start(options: LocalChainOptions = {}): Promise<{ chain: LocalChain; rpc: Rpc }> {
  const chain = await startLocalChain({ stateFile, blockTimeS: QUIET, ...options })
  running.push(chain)
  return { chain, rpc: httpRpc(chain.url) }
}

interface Deed {
  readonly txHash: Hash32
  readonly block: Block
  readonly contract: string
}

/** Creates a contract with 42 in slot 0, and some blocks on top. */
async function act(rpc: Rpc): Promise<Deed> {
  const { transactionHash, blockNumber } = await transact(rpc, OWNER, 31337, { to: null, data: STORE_42 }, 5_000)
  await rpc('anvil_mine', ['0x4'])
  const block = await fetchBlock(rpc, blockNumber)
  const receipt = (await rpc('eth_getTransactionReceipt', [`0x${Buffer.from(transactionHash).toString('hex')}`])) as {
    readonly contractAddress: string
  }
  if (block === null) throw new Error('no block')
  return { txHash: transactionHash, block, contract: receipt.contractAddress }
}

async function slotOf(rpc: Rpc, contract: string): Promise<number> {
  return Number(await rpc('eth_getStorageAt', [contract, '0x0', 'latest']))
}

function proofAt(rpc: Rpc, contract: string, block: string): Promise<unknown> {
  return rpc('eth_getProof', [contract, [`0x${'0'.repeat(64)}`], block])
}

describe('a local chain', () => {
  it('mines a transaction at once and calls a block final when two are on top', async () => {
    const { chain, rpc } = await start()
    const { block } = await act(rpc)
    expect(chain.chainId).toBe(31337)
    expect((await fetchBlock(rpc, 'latest'))?.number).toBe(block.number + 4)
    expect((await fetchBlock(rpc, 'finalized'))?.number).toBe(block.number + 2)
  })

  it('mines empty blocks by time', async () => {
    const { rpc } = await start({ blockTimeS: 1 })
    await until(async () => ((await fetchBlock(rpc, 'latest'))?.number ?? 0) > 0)
  })

  it('keeps blocks, receipts and storage across a clean restart, but no state of older blocks', async () => {
    const first = await start()
    const { txHash, block, contract } = await act(first.rpc)
    await expect(proofAt(first.rpc, contract, `0x${block.number.toString(16)}`)).resolves.toBeDefined()
    await first.chain.stop()

    const { rpc } = await start()
    expect((await fetchReceipt(rpc, txHash))?.blockHash).toEqual(block.hash)
    expect((await fetchBlock(rpc, block.number))?.hash).toEqual(block.hash)
    expect((await fetchBlock(rpc, 'finalized'))?.number).toBe(block.number + 2)
    expect(await slotOf(rpc, contract)).toBe(42)
    await expect(proofAt(rpc, contract, `0x${block.number.toString(16)}`)).rejects.toThrow('BlockOutOfRange')
    await expect(proofAt(rpc, contract, 'finalized')).rejects.toThrow('BlockOutOfRange')
    await rpc('anvil_mine', ['0x2'])
    await expect(proofAt(rpc, contract, 'finalized')).resolves.toBeDefined()
    const grown = await fetchBlock(rpc, block.number + 5)
    expect(grown).not.toBeNull()
  })

  it('loses only what was not stored when it is killed', async () => {
    const first = await start()
    const kept = await act(first.rpc)
    await first.chain.save()
    const lost = await act(first.rpc)
    await cutPower(first.chain.pid)

    const { rpc } = await start()
    expect((await fetchReceipt(rpc, kept.txHash))?.blockHash).toEqual(kept.block.hash)
    expect(await slotOf(rpc, kept.contract)).toBe(42)
    expect(await fetchReceipt(rpc, lost.txHash)).toBeNull()
    expect(await fetchBlock(rpc, lost.block.number)).toBeNull()
  })

  it('stores its state from time to time without being told', async () => {
    const first = await start()
    const { txHash } = await act(first.rpc)
    await until(async () => existsSync(stateFile))
    await cutPower(first.chain.pid)
    const { rpc } = await start()
    expect(await fetchReceipt(rpc, txHash)).not.toBeNull()
  })

  it('falls back to the stored state when the one written at the end is cut off', async () => {
    const first = await start()
    const { txHash } = await act(first.rpc)
    await first.chain.stop()
    writeFileSync(`${stateFile}.exit`, readFileSync(stateFile).subarray(0, 1000))
    const { rpc } = await start()
    expect(await fetchReceipt(rpc, txHash)).not.toBeNull()
    expect(existsSync(`${stateFile}.exit`)).toBe(false)
  })

  it('refuses a broken state file and says what to do', async () => {
    const first = await start()
    await first.chain.stop()
    truncateSync(stateFile, 1000)
    await expect(start()).rejects.toMatchObject({ code: 'local-chain-failed' })
    await expect(start()).rejects.toThrow(`Move ${stateFile} away`)
  })

  it('refuses a port that is taken', async () => {
    const { chain } = await start()
    const port = Number(new URL(chain.url).port)
    await expect(start({ stateFile: join(folder, 'other.json'), port })).rejects.toMatchObject({ code: 'port-taken' })
  })

  it('refuses a state file that a living process uses', async () => {
    await start()
    await expect(start()).rejects.toMatchObject({ code: 'local-chain-failed', facts: { parent: process.pid } })
  })

  it('says so when it ends by itself, and not when it is stopped', async () => {
    const exits: FieldproofError[] = []
    const { chain } = await start({ onExit: (error) => exits.push(error) })
    await chain.stop()
    expect(exits).toEqual([])
    const again = await start({ onExit: (error) => exits.push(error) })
    await cutPower(again.chain.pid)
    await until(async () => exits.length > 0)
    expect(exits[0]).toMatchObject({ code: 'local-chain-failed', facts: { signal: 'SIGKILL' } })
  })

  it('keeps nothing without a state file', async () => {
    const chain = await startLocalChain({ blockTimeS: QUIET })
    await chain.save()
    await chain.stop()
    await chain.stop()
    expect(isAlive(chain.pid)).toBe(false)
  })

  it('tells what to install where npm has no anvil', () => {
    expect(() => findAnvil('sunos', 'sparc')).toThrow('--include=optional')
  })
})

describe('a chain whose parent was killed', () => {
  it('ends by itself and has written its state', async () => {
    const { pid, rpc, parent } = await startedElsewhere()
    const { txHash } = await act(rpc)
    parent.kill('SIGKILL')
    await until(async () => !isAlive(pid))
    const next = await start()
    expect(await fetchReceipt(next.rpc, txHash)).not.toBeNull()
  })

  it('is ended by the next start where nothing watched over it, and loses nothing', async () => {
    const { pid, rpc, parent } = await startedUnwatched()
    const { txHash } = await act(rpc)
    parent.kill('SIGKILL')
    await new Promise((done) => parent.once('exit', done))
    expect(isAlive(pid)).toBe(true)
    const next = await start()
    expect(isAlive(pid)).toBe(false)
    expect(await fetchReceipt(next.rpc, txHash)).not.toBeNull()
  })

  it('is left alone when its number belongs to another program by now', async () => {
    const other = spawn('sleep', ['30'])
    children.push(other)
    writeFileSync(`${stateFile}.pid`, JSON.stringify({ pid: other.pid, parent: 1 }))
    await start()
    expect(other.exitCode).toBeNull()
    expect(isAlive(other.pid ?? 0)).toBe(true)
  })

  it('is no reason to fail when its pid file is cut off', async () => {
    appendFileSync(`${stateFile}.pid`, '{"pid":')
    await expect(start()).resolves.toBeDefined()
  })
})

interface Orphanable {
  readonly pid: number
  readonly rpc: Rpc
  /** May be killed, which a test cannot do to itself. */
  readonly parent: ChildProcess
}

/** A chain that another process started, from the built package. */
async function startedElsewhere(): Promise<Orphanable> {
  const built = new URL('../../dist/anchor/local-chain.js', import.meta.url).href
  return run(`
    const { startLocalChain } = await import(${JSON.stringify(built)})
    const { url, pid } = await startLocalChain(${JSON.stringify({ stateFile, blockTimeS: QUIET })})
    console.log(JSON.stringify({ url, pid }))
    setInterval(() => {}, 1000)`)
}

/** The same without its watcher, as on Windows. */
async function startedUnwatched(): Promise<Orphanable> {
  const args = ['--port', '0', '--slots-in-an-epoch', '1', '--block-time', `${QUIET}`, '--mixed-mining']
  return run(`
    import { spawn } from 'node:child_process'
    import { writeFileSync } from 'node:fs'
    const anvil = spawn(${JSON.stringify(findAnvil())}, ${JSON.stringify([...args, '--dump-state', `${stateFile}.exit`])},
      { stdio: ['ignore', 'pipe', 'ignore'], detached: true })
    const { pid } = anvil
    writeFileSync(${JSON.stringify(`${stateFile}.pid`)}, JSON.stringify({ pid, parent: process.pid }))
    let output = ''
    anvil.stdout.on('data', (chunk) => {
      const found = /Listening on (\\S+)/.exec((output += chunk))
      if (found) console.log(JSON.stringify({ url: 'http://' + found[1], pid }))
    })`)
}

async function run(program: string): Promise<Orphanable> {
  const parent = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(parent)
  let output = ''
  parent.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  await until(async () => {
    if (parent.exitCode !== null) throw new Error('the other process failed; is the package built (npm run build)?')
    return output.includes('\n')
  })
  const { url, pid } = JSON.parse(output) as { url: string; pid: number }
  return { pid, parent, rpc: httpRpc(url) }
}
