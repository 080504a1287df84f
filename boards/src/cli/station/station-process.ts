import type { Clock, Machine, MachineEvent } from '@fieldproof/sdk/machine'
import { openMachine } from '@fieldproof/sdk/node'
import type { Row, StreamDefinition } from '@fieldproof/sdk/wire'
import type { StationConfig } from '../../config/index.ts'
import type { OpenLine } from '../../line/index.ts'
import { openReadings, type Readings } from '../../local/index.ts'
import { type RunningStation, runStation, type StationEvent, stationStreams } from '../../station/run-station.ts'

/** What the process tells, besides its parts. */
export type ProcessEvent =
  | { readonly event: 'started'; readonly machine: string; readonly station: string; readonly gateway: string | null }
  | { readonly event: 'lines-lost'; readonly lines: number; readonly detail: string }
  | { readonly event: 'notice-lost'; readonly detail: string }
  | { readonly event: 'listening'; readonly url: string }
  /** Nobody can command the valve; the station works on. */
  | { readonly event: 'control-off'; readonly code: string; readonly detail: string }
  | { readonly event: 'stopping' | 'stopped' | 'stop-late' }

/** Everything that is told. */
export type AnyEvent = MachineEvent | StationEvent | ProcessEvent

/** Options of {@link startStation}. */
export interface StationProcessOptions {
  readonly dir: string
  readonly config: StationConfig
  readonly open: OpenLine
  readonly clock: Clock
  /** Name and version, for people. */
  readonly software: string
  readonly onEvent: (event: AnyEvent) => void
  /** A row is durable. */
  readonly onRow: (definition: StreamDefinition, row: Row) => void
}

/** A station that runs. */
export interface StationProcess {
  readonly machine: Machine
  readonly station: RunningStation
  /** Closes the valve, makes everything durable, disconnects. */
  stop(): Promise<void>
}

/**
 * How long the first signature of a start waits for the newest statement that the gateway holds, ms. Longer than the SDK's: a restored card must
 * not sign a branch because the router was slow. Rows are durable meanwhile.
 */
const HEAD_WAIT_MS = 60_000

/** Whoever has just started a station wants to see that it signs; later batches take `signing.maxAgeMs`, which spares the card. */
const FIRST_BATCH_MS = 20_000

/** Starts a station. @throws FieldproofError `key-missing`, `store-locked`, `gateway-changed`, `outbox-corrupt`, … */
export async function startStation(options: StationProcessOptions): Promise<StationProcess> {
  const { dir, config, open, clock, onEvent, onRow } = options
  const { readings: local, gateway, definition } = config
  const onLost = (lines: number, detail: string): void => onEvent({ event: 'lines-lost', lines, detail })
  let readings: Readings | null = null
  const machine = await openMachine({
    dir,
    gateway,
    streams: stationStreams(definition).map((stream) => ({ definition: stream })),
    clock,
    software: options.software,
    maxBytes: config.outbox.maxMiB * 2 ** 20,
    timing: { ...config.signing, flushMs: config.outbox.flushMs, headWaitMs: gateway === null ? 0 : HEAD_WAIT_MS },
    onEvent,
    onRow(stream, row) {
      readings?.add(stream, row)
      onRow(stream, row)
    },
  })
  // Behind the lock of the outbox. Nothing is measured yet; the first health row is seconds away.
  if (local.isOn) readings = await openReadings({ dir, clock, ...local, onLost }).catch(stopped(machine))
  onEvent({ event: 'started', machine: machine.id, station: definition.name, gateway })
  const { allowForeignFirmware } = config
  const station = runStation({ station: definition, recorder: machine, open, clock, allowForeignFirmware, onEvent })
  const cancelFirst = clock.after(FIRST_BATCH_MS, () => void machine.sealAll().catch(() => undefined)) // told as an event
  const stop = (): Promise<void> => {
    cancelFirst()
    return stopAll(station, machine, readings)
  }
  return { machine, station, stop }
}

/** The board first: what it has to say of its valve is still recorded. The lines at last, whatever became of the others. */
async function stopAll(station: RunningStation, machine: Machine, readings: Readings | null): Promise<void> {
  try {
    await station.stop()
  } finally {
    await machine.stop().finally(() => readings?.close())
  }
}

/** Lets go of the outbox before an error is told. */
function stopped(machine: Machine): (error: unknown) => Promise<never> {
  return async (error) => {
    await machine.stop()
    throw error
  }
}
