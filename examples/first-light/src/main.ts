/**
 * `npm start`: from recorded weather to a proof that a stranger can check. Everything here is what any deployment runs; only
 * the chain is a local one and the weather is a replay.
 */
import { type Code, errorLine, type FieldproofError, fieldproofErrorOf } from '@fieldproof/sdk/base'
import type { DemoEvent, DemoListener } from './events.ts'
import { firstProof } from './first-proof.ts'
import { type Ground, startGround } from './ground.ts'
import { type DemoOptions, HELP, parseDemoOptions } from './options.ts'
import { printer } from './printer.ts'
import { PROVEN_STATION, type SimulatedStation, startStations } from './stations.ts'

/** Why the demo ends. */
type Ending = 'signal' | 'verified' | 'refused' | 'deadline' | FieldproofError

/** Errors that mean that a part of the kept state is gone. */
const LOST: readonly Code[] = [
  'key-missing',
  'local-chain-failed',
  'file-unreadable',
  'store-corrupt',
  'config-invalid',
]
const BEGIN_ANEW = 'To begin anew, remove the demo folder (.fieldproof); its old proofs can then no longer be checked.'

/** Runs the demo; returns its exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  const startMs = Date.now()
  try {
    const options = parseDemoOptions(argv)
    if (options === 'help') return say(HELP)
    const colours = process.stdout.isTTY === true && !process.env['NO_COLOR']
    return await run(
      options,
      printer(options, colours, (line) => process.stdout.write(`${line}\n`), startMs),
      startMs,
    )
  } catch (error) {
    process.stderr.write(`${errorLine(error)}\n`)
    const known = fieldproofErrorOf(error)
    // A folder of another version is whole, and so is one that is in use; their errors say what to do.
    const isWhole = known?.facts['folder'] !== undefined || known?.facts['parent'] !== undefined
    const isLost = known !== undefined && LOST.includes(known.code) && !isWhole
    if (isLost) process.stderr.write(`${BEGIN_ANEW}\n`)
    return known?.code === 'usage' ? 2 : 1
  }
}

async function run(options: DemoOptions, print: DemoListener, startMs: number): Promise<number> {
  const watch = new ProofWatch()
  const emit: DemoListener = (event) => {
    print(event)
    watch.see(event)
  }
  const interrupted = signals()
  const ground = await startGround(options, Date.now, emit)
  let stations: SimulatedStation[] = []
  try {
    stations = await startStations(options.dir, ground.gateway.httpUrl, ground.startedAt, emit)
    watch.want([PROVEN_STATION])
    const { httpUrl: http, mqttUrl: mqtt } = ground.gateway
    emit({ event: 'ready', http, mqtt, rpc: ground.chain.url, secondsSinceStart: (Date.now() - startMs) / 1000 })
    const ending = await untilEnd(options, ground, stations, watch, interrupted, emit)
    return exitCode(ending, options, emit)
  } finally {
    emit({ event: 'stopping' })
    // The chain is a process of its own: it ends also when a station cannot.
    await Promise.all(stations.map((station) => station.stop())).finally(() => ground.stop())
    emit({ event: 'stopped' })
  }
}

/** The first proof, and then, without `--once`, whatever comes first: a signal, or a gateway that cannot go on. */
async function untilEnd(
  options: DemoOptions,
  ground: Ground,
  stations: readonly SimulatedStation[],
  watch: ProofWatch,
  interrupted: Promise<'signal'>,
  emit: DemoListener,
): Promise<Ending> {
  const stop = Promise.race([interrupted, ground.failed])
  const late = options.once ? deadline(options.deadlineMs) : never()
  const first = await Promise.race([stop, late, prove(options, ground, stations, watch, emit)])
  return options.once || (first !== 'verified' && first !== 'refused') ? first : await stop
}

async function prove(
  { dir }: DemoOptions,
  { gateway, chain, registry }: Ground,
  stations: readonly SimulatedStation[],
  watch: ProofWatch,
  emit: DemoListener,
): Promise<'verified' | 'refused'> {
  const { station, sequence, row } = await watch.anchored
  const machine = stations.find(({ name }) => name === station)?.id
  if (machine === undefined) throw new Error(`no station ${station}`)
  const { url: rpc, chainId } = chain
  const request = { dir, httpUrl: gateway.httpUrl, machine, sequence, row, rpc, chainId, registry }
  const report = await firstProof(request, emit)
  const verified = report.verdict === 'pass'
  emit({ event: verified ? 'proof-verified' : 'proof-refused', report })
  return verified ? 'verified' : 'refused'
}

/** The last row of a batch: by then wind and rain have been counted for a while. */
interface ProvenRow {
  readonly station: string
  readonly sequence: number
  readonly row: number
}

/** Waits for the first weather batch that is known to be anchored. */
class ProofWatch {
  readonly anchored: Promise<ProvenRow>
  #resolve: (row: ProvenRow) => void = () => undefined
  /** Rows of each weather batch. */
  readonly #weather = new Map<string, number>()
  #stations: readonly string[] = []
  #done = false

  constructor() {
    this.anchored = new Promise((resolve) => {
      this.#resolve = resolve
    })
  }

  want(stations: readonly string[]): void {
    this.#stations = stations
  }

  see(event: DemoEvent): void {
    if (this.#done || !('from' in event)) return
    if (event.event === 'batch-signed' && event.stream === 'weather')
      this.#weather.set(`${event.from} ${event.sequence}`, event.rows)
    if (event.event !== 'batch-anchored' || !this.#stations.includes(event.from)) return
    const { from: station, sequence } = event
    const row = this.#weather.get(`${station} ${sequence}`)
    if (row === undefined) return
    this.#done = true
    this.#resolve({ station, sequence, row })
  }
}

function exitCode(ending: Ending, { once, deadlineMs }: DemoOptions, emit: DemoListener): number {
  if (ending === 'verified' || (ending === 'signal' && !once)) return 0
  if (ending === 'deadline') {
    emit({ event: 'failed', code: 'deadline-passed', detail: `no verified proof within ${deadlineMs / 1000} s` })
  } else if (typeof ending !== 'string') emit({ event: 'failed', code: ending.code, detail: ending.message })
  return 1
}

/** The first SIGINT or SIGTERM stops cleanly, a second one at once. */
function signals(): Promise<'signal'> {
  return new Promise((resolve) => {
    let seen = false
    const onSignal = (): void => {
      if (seen) process.exit(130)
      seen = true
      resolve('signal')
    }
    process.on('SIGINT', onSignal)
    process.on('SIGTERM', onSignal)
  })
}

function deadline(ms: number): Promise<'deadline'> {
  return new Promise((resolve) => {
    setTimeout(() => resolve('deadline'), ms).unref()
  })
}

function never(): Promise<never> {
  return new Promise(() => undefined)
}

function say(text: string): number {
  process.stdout.write(`${text}\n`)
  return 0
}
