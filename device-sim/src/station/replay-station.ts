/**
 * A replaying station: recorded weather into the production machine runtime, row by row. It holds no clock of its own, so
 * the same code replays in real time and, with a virtual clock, a year in a minute.
 */
import { errorLine, fieldproofErrorOf } from '@fieldproof/sdk/base'
import type { Clock, Machine, MachineListener } from '@fieldproof/sdk/machine'
import type { Replay, WeatherSource } from '../world/index.ts'
import { WEATHER } from './weather-stream.ts'

/** What a station replays, and how fast. */
export interface ReplayStationOptions {
  readonly machine: Machine
  readonly source: WeatherSource
  readonly replay: Replay
  readonly clock: Clock
  /** Wall-clock ms between two rows. */
  readonly everyMs: number
  /** When step 0 was, ms since 1970: the step is a function of the clock, so a restart goes on where time has got to. */
  readonly startedAt: number
  /** Told when a row could not be taken. */
  readonly onEvent?: MachineListener
}

/** Starts replaying; returns a function that stops. */
export function replayWeather(options: ReplayStationOptions): () => void {
  const { clock, everyMs, startedAt } = options
  let stopped = false
  let cancel: () => void = () => undefined
  const arm = (): void => {
    const sinceStart = Math.max(0, clock.now() - startedAt)
    cancel = clock.after(everyMs - (sinceStart % everyMs), () => {
      if (!stopped) arm()
      void take(options)
    })
  }
  arm()
  return () => {
    stopped = true
    cancel()
  }
}

async function take({
  machine,
  source,
  replay,
  clock,
  everyMs,
  startedAt,
  onEvent,
}: ReplayStationOptions): Promise<void> {
  const recordedMs = replay.recordedMs(Math.max(0, Math.round((clock.now() - startedAt) / everyMs)))
  try {
    await machine.record(WEATHER, { ...source.sample(recordedMs), recordedTime: recordedMs / 1000 })
  } catch (error) {
    const code = fieldproofErrorOf(error)?.code ?? 'row-invalid'
    if (code !== 'machine-stopped') onEvent?.({ event: 'fault', code, detail: errorLine(error) })
  }
}
