/**
 * The ten-line station: own sensor functions in, proofs out. Everything it wires (key file, libsql outbox, MQTT link) is a
 * port of ../machine; whoever needs another part wires a machine directly.
 */

import type { MachineId } from '../base/index.ts'
import { errorLine, FieldproofError, fromHex } from '../base/index.ts'
import type { Machine, MachineListener, MachineTiming, Reading, StreamOptions } from '../machine/index.ts'
import { openMachine } from './open-machine.ts'
import { type ColumnOptions, columnFrom } from './station-columns.ts'
import { systemClock } from './system-clock.ts'

/** One stream of a station. */
export interface StationStream {
  /** How often `read` is called, in ms. */
  readonly everyMs: number
  /** Columns by name: a SenML unit and the decimals that are kept. */
  readonly columns: Readonly<Record<string, ColumnOptions>>
  /** Reads the sensors, in real units. A column left out is a missing value; a throw skips the row and is reported. */
  readonly read: () => Reading | Promise<Reading>
  /** How the values come to be, in words; signed with the stream's definition. */
  readonly method?: string
  /** X25519 public keys (hex) of those who may read the rows; the gateway and everybody else see that they exist, not what they say. */
  readonly recipients?: readonly string[]
}

/** Options of {@link startStation}. */
export interface StationOptions {
  /** Folder made by `fieldproof init`. */
  readonly dir: string
  /** Base URL of the gateway. */
  readonly gateway: string
  readonly streams: Readonly<Record<string, StationStream>>
  readonly timing?: Partial<MachineTiming>
  readonly onEvent?: MachineListener
}

/** A running station. */
export interface Station {
  readonly id: MachineId
  readonly machine: Machine
  /** Stops reading, makes everything durable and disconnects. */
  stop(): Promise<void>
}

/**
 * Starts a station that reads its sensors and signs what they say.
 * @throws FieldproofError `key-missing` with the command that makes a station, `config-invalid` with every fault, …
 */
export async function startStation(options: StationOptions): Promise<Station> {
  const { dir, gateway, streams, timing, onEvent } = options
  const clock = systemClock()
  const machine = await openMachine({
    dir,
    gateway,
    streams: Object.entries(streams).map(([name, stream]) => streamOptions(name, stream)),
    clock,
    software: '@fieldproof/sdk station',
    ...(timing && { timing }),
    ...(onEvent && { onEvent }),
  })
  const report = onEvent ?? (() => undefined)
  const stops = Object.entries(streams).map(([name, stream]) => repeat(clock.after, machine, name, stream, report))
  return {
    id: machine.id,
    machine,
    async stop() {
      for (const stop of stops) stop()
      await machine.stop()
    },
  }
}

function streamOptions(name: string, stream: StationStream): StreamOptions {
  const columns = Object.entries(stream.columns).map(([column, options]) => columnFrom(column, options))
  const context = { cadenceMs: stream.everyMs, ...(stream.method !== undefined && { method: stream.method }) }
  const recipients = (stream.recipients ?? []).map(fromHex)
  return { definition: { name, columns, context }, recipients }
}

/** Reads at once and then every `everyMs`; a sensor that is still busy skips its turn and delays no other. */
function repeat(
  after: (delayMs: number, task: () => void) => () => void,
  machine: Machine,
  name: string,
  { everyMs, read }: StationStream,
  report: MachineListener,
): () => void {
  let stopped = false
  let busy = false
  let cancel: () => void = () => undefined
  const tick = async (): Promise<void> => {
    cancel = after(everyMs, () => void tick())
    if (busy) return
    busy = true
    try {
      await machine.record(name, await read())
    } catch (error) {
      if (stopped) return
      const code = error instanceof FieldproofError ? error.code : 'row-invalid'
      report({ event: 'fault', code, detail: `stream ${name}: ${errorLine(error)}` })
    } finally {
      busy = false
    }
  }
  void tick()
  return () => {
    stopped = true
    cancel()
  }
}
