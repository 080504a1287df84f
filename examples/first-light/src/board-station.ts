/**
 * A station with a board: an emulated Arduino that executes the real firmware, the serial session, drivers, quality control and the
 * machine that signs. On a Raspberry Pi everything but the first is the same.
 */
import { type RunningStation, runStation, STATIONS, type StationDefinition, stationStreams } from '@fieldproof/boards'
import { emulatedMethod, startEmulatedBoard } from '@fieldproof/device-sim'
import { errorLine, FieldproofError, fieldproofErrorOf, type MachineId } from '@fieldproof/sdk/base'
import type { Machine } from '@fieldproof/sdk/machine'
import { systemClock } from '@fieldproof/sdk/node'
import type { StreamDefinition } from '@fieldproof/sdk/wire'
import type { DemoListener } from './events.ts'

/** A kind of station, and the weather that its board is shown. */
export interface BoardStationPlan {
  readonly name: string
  readonly station: 'weather-station' | 'irrigation-station'
  readonly seed: number
  readonly startDate: string
}

/** A running station with a board. */
export interface BoardStation {
  readonly name: string
  readonly id: MachineId
  stop(): Promise<void>
}

/** Starts a machine with these streams, in the folder of the station. */
export type StartMachine = (streams: readonly StreamDefinition[]) => Promise<Machine>

const EVERY_MS = 2_000
/** A recorded minute a second: a day in 24 minutes, and no faster than weather may change on a watch that is not told of it. */
const PACE = 60
/** The demo waters for a moment, so that something is seen to open, and to close by itself. */
const WATER = { firstMs: 15_000, everyMs: 60_000, forMs: 6_000 } as const

/** Starts board, machine and station. */
export async function startBoardStation(
  plan: BoardStationPlan,
  startedAt: number,
  startMachine: StartMachine,
  emit: DemoListener,
): Promise<BoardStation> {
  const { name, seed, startDate } = plan
  const clock = systemClock()
  const station = definitionOf(plan)
  const machine = await startMachine(stationStreams(station))
  const board = await startEmulatedBoard({
    station: plan.station,
    seed,
    startDate,
    startedAt,
    now: clock.now(),
    pace: PACE,
  })
  const running = runStation({
    station,
    recorder: machine,
    open: board.open,
    clock,
    onEvent: (event) => emit({ from: name, ...event }),
  })
  const stopWatering = running.valve === null ? (): void => undefined : water(running, name, clock.after, emit)
  return {
    name,
    id: machine.id,
    async stop() {
      stopWatering()
      await running.stop()
      await Promise.all([board.close(), machine.stop()])
    },
  }
}

function definitionOf({ station, seed }: BoardStationPlan): StationDefinition {
  const profile = STATIONS[station]
  if (profile === undefined) throw new FieldproofError('config-invalid', `no station ${station}`)
  const definition = profile.define({ everyMs: EVERY_MS })
  const streams = Object.entries(definition.streams).map(([name, stream]) => {
    return [name, { ...stream, method: emulatedMethod({ seed }) }] as const
  })
  return { ...definition, streams: Object.fromEntries(streams) }
}

/** Opens the valve now and then; the board closes it by itself. Returns what stops it. */
function water(
  { valve }: RunningStation,
  name: string,
  after: (ms: number, task: () => void) => () => void,
  emit: DemoListener,
): () => void {
  let cancel = after(WATER.firstMs, () => void open())
  const open = async (): Promise<void> => {
    cancel = after(WATER.everyMs, () => void open())
    try {
      await valve?.open(WATER.forMs)
      emit({ event: 'valve-opened', from: name, forMs: WATER.forMs })
    } catch (error) {
      emit({
        from: name,
        event: 'fault',
        code: fieldproofErrorOf(error)?.code ?? 'command-failed',
        detail: errorLine(error),
      })
    }
  }
  return () => cancel()
}
