/**
 * The process on the Pi is killed while it waters, and the firmware closes the valve when its time is over. Real processes and real
 * time; what is judged is the emulated pin. Beside it: a command after the cable was pulled fails and says so, and the valve is off
 * at the start, after a reconnection and after a stop.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { FieldproofError } from '@fieldproof/sdk/base'
import { type Bench, createBench } from '../lab/bench.ts'
import { servePort } from '../lab/process-line.ts'
import { runAtWallPace } from '../lab/wall-pace.ts'
import type { ValveCommand, ValveWord } from './valve-messages.ts'

/** What came of it. Times are ms of the emulated pin. */
export interface ValveKillResult {
  readonly scenario: 'valve-kill'
  readonly station: 'irrigation-station'
  readonly seed: number
  readonly ok: boolean
  readonly pin: 7
  readonly openedMs: number | null
  readonly killedMs: number
  readonly closedMs: number | null
  readonly maxMs: number
  /** What a command came to after the cable was pulled, and what its signed row says. */
  readonly afterUnplug: { readonly answer: string; readonly row: string | null }
  /** Level of the pin, low each time. */
  readonly isOff: { readonly atStart: boolean; readonly afterReconnection: boolean; readonly afterStop: boolean }
  readonly findings: readonly string[]
}

/** Name and summary, as in the list. */
export const VALVE_KILL = {
  name: 'valve-kill',
  summary:
    'The process is killed with SIGKILL while watering; the firmware closes the valve when its time is over (real time).',
} as const

const PIN = 7
const MAX_MS = 3_000
const LONG_MS = 60_000
const WATERING_MS = 700
/** The firmware's clock. */
const TICK_MS = 1
const WAIT_MS = 20_000
const PROCESS = new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/scenarios/valve-process.js' : './valve-process.js',
  import.meta.url,
)

/** Plays it; takes about ten seconds. @param note told what happens, at ms of the emulated board */
export async function playValveKill(seed: number, note: (text: string, ms: number) => void): Promise<ValveKillResult> {
  // The board has a supply of its own and is not reset by opening its port: nothing but firmware and station close the valve.
  const bench = createBench({ station: 'irrigation-station', seed, line: { power: 'own', dtr: false } })
  const stopTime = runAtWallPace(bench)
  const scene = new Scene(bench, (text) => note(text, bench.uno.nowMs()))
  try {
    const killed = await scene.killWhileWatering()
    const rest = await scene.unplugWhileWatering()
    const result = { ...killed, ...rest }
    const findings = findingsOf(result)
    return {
      scenario: 'valve-kill',
      station: 'irrigation-station',
      seed,
      ok: findings.length === 0,
      ...result,
      findings,
    }
  } finally {
    scene.end()
    stopTime()
  }
}

type Seen = Omit<ValveKillResult, 'scenario' | 'station' | 'seed' | 'ok' | 'findings'>

class Scene {
  readonly #bench: Bench
  readonly #note: (text: string) => void
  #child: ChildProcess | null = null
  #heard: ValveWord[] = []
  #isOffAtStart = false

  constructor(bench: Bench, note: (text: string) => void) {
    this.#bench = bench
    this.#note = note
  }

  end(): void {
    this.#child?.kill('SIGKILL')
  }

  async killWhileWatering(): Promise<Pick<Seen, 'pin' | 'openedMs' | 'killedMs' | 'closedMs' | 'maxMs'>> {
    const child = await this.#start()
    this.#isOffAtStart = this.#isOff() && this.#turns().length === 0
    await this.#command(child, MAX_MS)
    this.#note(`the valve is open for at most ${MAX_MS} ms`)
    await this.#wait(WATERING_MS)
    child.kill('SIGKILL')
    await this.#until(() => child.exitCode !== null || child.signalCode !== null)
    const killedMs = this.#bench.uno.nowMs()
    this.#note('the process is killed')
    await this.#until(() => this.#isOff())
    this.#note('the board has closed the valve')
    const { openedMs = null, closedMs = null } = this.#turns().at(-1) ?? {}
    return { pin: PIN, openedMs, killedMs, closedMs, maxMs: MAX_MS }
  }

  async unplugWhileWatering(): Promise<Pick<Seen, 'afterUnplug' | 'isOff'>> {
    const child = await this.#start()
    await this.#command(child, LONG_MS)
    this.#note('a new process waters, and the cable is pulled')
    this.#bench.line.unplug()
    await this.#until(() => this.#said('down'))
    this.#heard = []
    const answer = await this.#command(child, LONG_MS)
    await this.#until(() => this.#said('row'))
    const row = this.#heard.find((one) => one.word === 'row')?.outcome ?? null
    this.#note(`a command is answered with ${answer}, and recorded as ${row}`)
    const wasOpen = !this.#isOff()
    this.#bench.line.plug()
    await this.#until(() => this.#said('up'))
    const afterReconnection = wasOpen && this.#isOff()
    this.#note('plugged back: the reconnection has closed the valve')
    await this.#command(child, LONG_MS)
    child.kill('SIGTERM')
    await this.#until(() => child.exitCode !== null)
    const afterStop = child.exitCode === 0 && this.#isOff()
    this.#note('SIGTERM while it waters: stopped, and the valve is closed')
    return { afterUnplug: { answer, row }, isOff: { atStart: this.#isOffAtStart, afterReconnection, afterStop } }
  }

  /** A process whose station has its first row. */
  async #start(): Promise<ChildProcess> {
    const child = fork(PROCESS, { execArgv: [], stdio: ['pipe', 'pipe', 'inherit', 'ipc'] })
    this.#child = child
    this.#heard = []
    servePort(child, this.#bench.open)
    child.on('message', (message: ValveWord) => {
      if ('word' in message) this.#heard.push(message)
    })
    await this.#until(() => this.#said('up'))
    return child
  }

  async #command(child: ChildProcess, openForMs: number): Promise<string> {
    this.#heard = this.#heard.filter(({ word }) => word !== 'answer')
    child.send({ openForMs } satisfies ValveCommand)
    await this.#until(() => this.#said('answer'))
    return this.#heard.find((one) => one.word === 'answer')?.outcome ?? ''
  }

  #said(word: ValveWord['word']): boolean {
    return this.#heard.some((one) => one.word === word)
  }

  #isOff(): boolean {
    return !this.#bench.uno.level(PIN)
  }

  #turns(): readonly { readonly openedMs: number; readonly closedMs: number | undefined }[] {
    return this.#bench.irrigation?.valve.turns() ?? []
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, ms))
  }

  async #until(condition: () => boolean): Promise<void> {
    const endMs = performance.now() + WAIT_MS
    while (!condition()) {
      if (performance.now() > endMs)
        throw new FieldproofError('deadline-passed', `valve-kill: not within ${WAIT_MS} ms`)
      await this.#wait(5)
    }
  }
}

function findingsOf({ openedMs, killedMs, closedMs, maxMs, afterUnplug, isOff }: Seen): string[] {
  const openMs = openedMs === null || closedMs === null ? null : closedMs - openedMs
  return [
    ...(openMs === null ? ['the pin was never opened and closed'] : []),
    ...(openMs !== null && openMs > maxMs ? [`open for ${openMs} ms of at most ${maxMs}`] : []),
    ...(openMs !== null && openMs < maxMs - TICK_MS ? [`closed ${maxMs - openMs} ms too early`] : []),
    ...(closedMs !== null && closedMs <= killedMs ? ['it was closed before the process was killed'] : []),
    ...(afterUnplug.answer === 'command-failed' ? [] : [`a command after the unplug came to ${afterUnplug.answer}`]),
    ...(afterUnplug.row === 'command-failed' ? [] : [`its row says ${afterUnplug.row}`]),
    ...Object.entries(isOff).flatMap(([when, off]) => (off ? [] : [`the valve was not off: ${when}`])),
  ]
}
