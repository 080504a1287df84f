/**
 * A chain of one's own for demonstrations and tests: anvil, from npm. Its money is worth nothing and its keys are public.
 *
 * What anvil 1.7 keeps when its state is written and loaded again, as the tests check: every block by number, transactions
 * and receipts, event logs, the tags `latest` and `finalized`, balances and contract storage at the newest block. What it
 * forgets: the state of older blocks. `eth_getProof` and `eth_call` at a block before the restart fail with
 * BlockOutOfRangeError, also at `finalized` until two more blocks are mined; pending transactions are gone too. Its option
 * --preserve-historical-states would keep the state, at 130 kB a block: 134 MB after 1000 blocks, more than one answer
 * can carry after 4000. Without it a block takes 1.8 kB. So evidence is taken at confirmation (A2), and nothing here needs old state.
 * A kill or a power cut loses the blocks since the last dump, final ones too, which no real chain does.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { errorLine, FieldproofError } from '@fieldproof/sdk/base'
import { fetchChainId, type Rpc } from '@fieldproof/sdk/evm'
import { endStale, endWithParent, findAnvil, writePidFile } from './anvil-process.ts'
import { adoptExitState, exitFileOf, saveState } from './chain-state.ts'
import { httpRpc } from './http-rpc.ts'

/** What a local chain needs. */
export interface LocalChainOptions {
  /** Keeps the chain across restarts; without it nothing is kept. Neighbours: `.exit`, `.next`, `.pid`. */
  readonly stateFile?: string
  /** TCP port on 127.0.0.1; 0, the default, takes a free one. */
  readonly port?: number
  /** Pause between two empty blocks, in seconds. A transaction is mined at once. 1 by default. */
  readonly blockTimeS?: number
  /** Called when the chain ends without `stop`. */
  readonly onExit?: (error: FieldproofError) => void
  /** Called when the state could not be stored; it is tried again. */
  readonly onSaveFailed?: (error: unknown) => void
}

/** A running local chain. */
export interface LocalChain {
  readonly url: string
  readonly chainId: number
  readonly pid: number
  /** Stores the state now; without a state file it does nothing. What is saved survives a kill. */
  save(): Promise<void>
  /** Stores the state and ends the chain. @throws FieldproofError `local-chain-failed` when the last state was not stored */
  stop(): Promise<void>
}

const CHAIN_ID = 31337
/** Loading a state of a hundred thousand blocks takes seconds. */
const START_MS = 60_000
const STOP_MS = 15_000
const SAVE_EVERY_MS = 2_000
/** Storing takes longer as the chain grows; at most one part in so many of the time goes into it. */
const SAVE_SHARE = 20

/**
 * Starts anvil, or goes on with the chain in the state file. Blocks become final when two are on top of them.
 * @throws FieldproofError `local-chain-failed` with what to do, `port-taken`
 */
export async function startLocalChain(options: LocalChainOptions = {}): Promise<LocalChain> {
  const { port = 0, blockTimeS = 1 } = options
  const stateFile = options.stateFile === undefined ? undefined : resolve(options.stateFile)
  if (stateFile !== undefined) {
    await endStale(`${stateFile}.pid`, exitFileOf(stateFile))
    await adoptExitState(stateFile)
  }
  const args = ['--host', '127.0.0.1', '--port', `${port}`, '--chain-id', `${CHAIN_ID}`, '--slots-in-an-epoch', '1']
  // Mining at once as well as by time: three deployments need not wait for three blocks.
  args.push('--block-time', `${blockTimeS}`, '--mixed-mining')
  if (stateFile !== undefined) {
    args.push('--dump-state', exitFileOf(stateFile))
    if (existsSync(stateFile)) args.push('--load-state', stateFile)
  }
  const child = spawn(findAnvil(), args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // Ctrl-C is for the parent, which then stops the chain in its own time
  })
  const callOff = endWithParent(child)
  child.once('exit', callOff)
  if (stateFile !== undefined && child.pid !== undefined) writePidFile(`${stateFile}.pid`, child.pid)
  try {
    const url = await listening(child, stateFile)
    const rpc = httpRpc(url)
    const chainId = await fetchChainId(rpc)
    await rpc('anvil_setLoggingEnabled', [false])
    return new AnvilChain(options, child, rpc, url, chainId, stateFile)
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  }
}

class AnvilChain implements LocalChain {
  readonly url: string
  readonly chainId: number
  readonly pid: number
  readonly #options: LocalChainOptions
  readonly #child: ChildProcess
  readonly #rpc: Rpc
  readonly #stateFile: string | undefined
  #saving: Promise<void> = Promise.resolve()
  #timer: NodeJS.Timeout | undefined
  #stopped: Promise<void> | undefined

  constructor(
    options: LocalChainOptions,
    child: ChildProcess,
    rpc: Rpc,
    url: string,
    chainId: number,
    stateFile: string | undefined,
  ) {
    this.#options = options
    this.#child = child
    this.#rpc = rpc
    this.url = url
    this.chainId = chainId
    this.pid = child.pid ?? 0
    this.#stateFile = stateFile
    child.once('exit', (code, signal) => this.#onExit(code, signal))
    if (stateFile !== undefined) this.#saveAfter(SAVE_EVERY_MS)
  }

  save(): Promise<void> {
    const stateFile = this.#stateFile
    if (stateFile === undefined) return Promise.resolve()
    const saved = this.#saving.then(() => saveState(this.#rpc, stateFile))
    this.#saving = saved.catch(() => undefined) // whoever asked hears of it
    return saved
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop()
    return this.#stopped
  }

  async #stop(): Promise<void> {
    clearTimeout(this.#timer)
    await this.#saving
    const isSaved = await this.save().then(
      () => true,
      () => false, // it may have ended by itself
    )
    // anvil writes the exit file when it is asked to end; if we stop here, the next start takes it over.
    const code = await end(this.#child)
    if (this.#stateFile === undefined) return
    rmSync(`${this.#stateFile}.pid`, { force: true })
    await adoptExitState(this.#stateFile)
    // Asked to end in its first moments, anvil does not listen yet and dies of the signal: what was just saved is all there is.
    const isUnheard = isSaved && this.#child.signalCode === 'SIGTERM'
    if (code !== 0 && !isUnheard) {
      throw new FieldproofError('local-chain-failed', 'the local chain had to be killed; its last seconds may be lost')
    }
  }

  #saveAfter(pauseMs: number): void {
    this.#timer = setTimeout(() => {
      const began = performance.now()
      this.save()
        .catch((error: unknown) => {
          if (this.#stopped === undefined) this.#options.onSaveFailed?.(error)
        })
        .finally(() => {
          const tookMs = performance.now() - began
          if (this.#stopped === undefined) this.#saveAfter(Math.max(SAVE_EVERY_MS, tookMs * SAVE_SHARE))
        })
    }, pauseMs).unref()
  }

  #onExit(code: number | null, signal: NodeJS.Signals | null): void {
    clearTimeout(this.#timer)
    if (this.#stopped !== undefined) return
    this.#options.onExit?.(
      new FieldproofError('local-chain-failed', `the local chain ended by itself (${signal ?? code})`, {
        facts: { exitCode: code, signal },
      }),
    )
  }
}

/** Waits until anvil says where it listens. */
function listening(child: ChildProcess, stateFile: string | undefined): Promise<string> {
  let output = ''
  let timer: NodeJS.Timeout | undefined
  return new Promise<string>((found, reject) => {
    const onOutput = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-8_000)
      const address = /Listening on (127\.0\.0\.1:\d+)/.exec(output)?.[1]
      if (address !== undefined) found(`http://${address}`)
    }
    child.stdout?.on('data', onOutput) // goes on reading: a full pipe would stop anvil
    child.stderr?.on('data', onOutput)
    child.once('error', (error) => reject(failed(errorLine(error), output, stateFile)))
    // `close`, not `exit`: the last words are read by then.
    child.once('close', (code) => reject(failed(`it ended with code ${code}`, output, stateFile)))
    timer = setTimeout(() => reject(failed('it did not start in time', output, stateFile)), START_MS)
  }).finally(() => clearTimeout(timer))
}

function failed(why: string, output: string, stateFile: string | undefined): FieldproofError {
  const words = output.replace(/\s+/g, ' ').trim().slice(-400)
  if (/address already in use/i.test(output)) {
    return new FieldproofError('port-taken', 'the port of the local chain is in use; configure another one, or 0', {
      facts: { words },
    })
  }
  const advice =
    stateFile !== undefined && /load-state/.test(output) ? ` Move ${stateFile} away to begin a new chain.` : ''
  return new FieldproofError('local-chain-failed', `the local chain did not start: ${why}. ${words}${advice}`, {
    facts: { words },
  })
}

/** SIGTERM, and SIGKILL after the deadline. Resolves with the exit code, null when it was killed. */
async function end(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
  const ended = new Promise<number | null>((done) => child.once('exit', done))
  child.kill('SIGTERM')
  const late = new AbortController()
  const killing = delay(STOP_MS, undefined, { signal: late.signal }).then(
    () => child.kill('SIGKILL'),
    () => false, // it ended in time
  )
  const code = await ended
  late.abort()
  await killing
  return code
}
