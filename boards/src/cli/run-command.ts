/** `fieldproof run`: a station at work, until it is told to stop. */
import { errorLine, FieldproofError, fieldproofErrorOf } from '@fieldproof/sdk/base'
import { integerOption, parseOptions } from '@fieldproof/sdk/cli'
import { environmentOverrides, readConfig, type StationConfig } from '../config/index.ts'
import { type ControlServer, serveControl } from './control/serve.ts'
import { eventLines } from './station/event-lines.ts'
import { Evidence } from './station/evidence.ts'
import type { StatusServer } from './station/http.ts'
import { systemdNotifier } from './station/notify.ts'
import type { SnapshotSource } from './station/snapshot.ts'
import { type AnyEvent, type StationProcess, startStation } from './station/station-process.ts'
import { Status } from './station/status.ts'
import { Watchdog } from './station/watchdog.ts'
import type { StationCommand, Surroundings } from './surroundings.ts'
import { softwareOf } from './version.ts'

/** The command. */
export const runCommand: StationCommand = {
  name: 'run',
  summary: 'run a station',
  help: `fieldproof run DIR [--port PORT] [--metrics PORT] [--verbose] [--json]

Runs the station in DIR: keeps the board connected, measures, signs, keeps rows below readings/, and sends to the gateway if there is one.
SIGTERM or Ctrl-C closes the valve, makes everything durable and ends within 10 s; a second one ends at once.

  --port PORT     serial port instead of that in station.yaml (also FIELDPROOF_PORT)
  --metrics PORT  a page for people and /metrics for Prometheus on http://127.0.0.1:PORT/ (0: a free one)
  --verbose       also every row and every batch that is sent, one line each
  --json          one JSON object a line: {"time", "level", "event", ...}

Under systemd it is ready once a row is recorded, or once it works without its board and has recorded that. The watchdog is fed by rows.

  fieldproof run porch --metrics 9464`,
  async run(args, surroundings) {
    const { values, positionals } = parseOptions(args, OPTIONS, 1)
    const dir = String(positionals[0])
    const fromEnv = environmentOverrides(surroundings.env)
    const port = typeof values['port'] === 'string' ? values['port'] : fromEnv.port
    const config = await readConfig(dir, surroundings.profiles, { ...fromEnv, port })
    const metrics =
      typeof values['metrics'] === 'string' ? integerOption(values['metrics'], 'metrics') : config.metricsPort
    const verbose = values['verbose'] === true
    return await new Run(dir, config, surroundings, { json: values['json'] === true, verbose, metrics }).untilStopped()
  },
}

const OPTIONS = {
  port: { type: 'string' },
  metrics: { type: 'string' },
  verbose: { type: 'boolean' },
  json: { type: 'boolean' },
} as const

const STOP_MS = 10_000
/** A disk that failed once is not asked again: what its page cache holds cannot be trusted, and a restart recovers. */
const FATAL: ReadonlySet<string> = new Set(['outbox-failed', 'outbox-corrupt'])

interface RunOptions {
  readonly json: boolean
  readonly verbose: boolean
  /** Port of page and metrics; null for none. */
  readonly metrics: number | null
}

class Run {
  readonly #dir: string
  readonly #config: StationConfig
  readonly #surroundings: Surroundings
  readonly #options: RunOptions
  readonly #print: (event: AnyEvent) => void
  readonly #status: Status
  #process: StationProcess | null = null
  #watchdog: Watchdog | null = null
  #fail: (why: 'failed') => void = () => undefined

  constructor(dir: string, config: StationConfig, surroundings: Surroundings, options: RunOptions) {
    const { clock, print } = surroundings
    this.#dir = dir
    this.#config = config
    this.#surroundings = surroundings
    this.#options = options
    this.#print = eventLines({ ...options, clock, print })
    this.#status = new Status(config.definition, clock)
  }

  async untilStopped(): Promise<number> {
    const { onStop, exit } = this.#surroundings
    let requests = 0
    let forget = (): void => undefined
    const ended = new Promise<'stopped' | 'failed'>((resolve) => {
      this.#fail = resolve
      forget = onStop(() => (++requests === 1 ? resolve('stopped') : exit(1)))
    })
    try {
      return await this.#work(ended)
    } finally {
      forget()
    }
  }

  async #work(ended: Promise<'stopped' | 'failed'>): Promise<number> {
    const { clock, env, root } = this.#surroundings
    const { definition, signing, outbox } = this.#config
    const software = await softwareOf()
    const notifier = systemdNotifier(env, (detail) => this.#tell({ event: 'notice-lost', detail }))
    const faults = (): ReadonlyMap<string, unknown> => this.#process?.station.faults ?? new Map()
    const options = { healthMs: signing.healthMs, flushMs: outbox.flushMs }
    const evidence = new Evidence({ station: definition, ...options, clock, faults })
    const watchdog = new Watchdog(evidence, notifier, clock)
    this.#watchdog = watchdog
    const running = await startStation({
      dir: this.#dir,
      config: this.#config,
      open: this.#surroundings.openLine(portOf(this.#config, this.#dir)),
      clock,
      software,
      onEvent: (event) => this.#tell(event),
      onRow: (stream, row) => {
        this.#status.onRow(stream, row)
        watchdog.recorded(stream.name)
      },
    })
    this.#process = running
    const source = {
      dir: this.#dir,
      root,
      config: this.#config,
      software,
      clock,
      process: running,
      status: this.#status,
    }
    const server = await this.#serve(source).catch(async (error: unknown) => {
      await running.stop()
      throw error
    })
    const control = await this.#listen(running)
    const why = await ended
    this.#tell({ event: 'stopping' })
    void watchdog.stopping()
    const isInTime = await this.#stop(running, server, control)
    this.#tell({ event: isInTime ? 'stopped' : 'stop-late' })
    return why === 'stopped' && isInTime ? 0 : 1
  }

  async #serve(source: SnapshotSource): Promise<StatusServer | null> {
    const { metrics } = this.#options
    if (metrics === null) return null
    const { serveStatus } = await import('./station/http.ts')
    const server = await serveStatus(metrics, source)
    this.#tell({ event: 'listening', url: server.url })
    return server
  }

  /** For commands to the valve. A station that cannot have them measures all the same, and says so. */
  async #listen({ station }: StationProcess): Promise<ControlServer | null> {
    const { definition } = this.#config
    try {
      return await serveControl(this.#dir, { station, definition }, this.#surroundings.clock)
    } catch (error) {
      const code = fieldproofErrorOf(error)?.code ?? 'file-unreadable'
      this.#tell({ event: 'control-off', code, detail: errorLine(error) })
      return null
    }
  }

  /** Whether everything ended in time; the board closes its valve by itself in any case. */
  async #stop(running: StationProcess, server: StatusServer | null, control: ControlServer | null): Promise<boolean> {
    let cancel = (): void => undefined
    const late = new Promise<boolean>((resolve) => {
      cancel = this.#surroundings.clock.after(STOP_MS, () => resolve(false))
    })
    const done = Promise.all([control?.close(), running.stop(), server?.close()]).then(() => true)
    return await Promise.race([done, late]).finally(() => cancel())
  }

  #tell(event: AnyEvent): void {
    this.#status.onEvent(event)
    this.#print(event)
    if (event.event === 'rows-dropped') this.#watchdog?.recorded(event.stream)
    if ('code' in event && FATAL.has(event.code)) this.#fail('failed')
  }
}

function portOf({ port }: StationConfig, dir: string): string {
  if (port !== null) return port
  throw new FieldproofError(
    'config-invalid',
    `no serial port: set port in ${dir}/station.yaml, or give --port; \`fieldproof ports\` lists them`,
  )
}
