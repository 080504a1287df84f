/**
 * Three stations on the production machine runtime: own key file, own outbox, own link. Two have boards, emulated ones that execute the
 * real firmware; the third replays values, as a fleet in a simulator does.
 */
import { join } from 'node:path'
import {
  createReplay,
  createStation,
  createWorld,
  loadSeattle,
  type Replay,
  replayWeather,
  type WeatherSource,
  weatherStream,
} from '@fieldproof/device-sim'
import type { MachineId } from '@fieldproof/sdk/base'
import { type Machine, type MachineListener, startMachine } from '@fieldproof/sdk/machine'
import { nativeHash, nativeSuites } from '@fieldproof/sdk/native'
import {
  initStation,
  mqttLink,
  openKeyFile,
  openLibsqlOutbox,
  pinnedGateway,
  stationFiles,
  systemClock,
  systemEntropy,
} from '@fieldproof/sdk/node'
import type { StreamDefinition } from '@fieldproof/sdk/wire'
import { type BoardStationPlan, startBoardStation } from './board-station.ts'
import type { DemoListener } from './events.ts'

/** A running station. */
export interface SimulatedStation {
  readonly name: string
  readonly id: MachineId
  stop(): Promise<void>
}

/** The station whose reading the demo proves: measured by firmware. */
export const PROVEN_STATION = 'ballard'

const WORLD_SEED = 2012
/** What executes firmware, and the recorded day on which its weather begins. */
const WITH_BOARDS: readonly BoardStationPlan[] = [
  { name: PROVEN_STATION, station: 'weather-station', seed: WORLD_SEED, startDate: '2012-11-17' },
  { name: 'fremont', station: 'irrigation-station', seed: WORLD_SEED, startDate: '2014-03-01' },
]
/** Name of the one without a board, seed of its sensors' errors, and the day on which its replay begins. */
const SYNTHETIC: readonly [name: string, startDate: string] = ['rainier', '2014-08-01']
/** A row a second, each ten recorded minutes on: a recorded day takes two minutes and a half. */
const EVERY_MS = 1_000
const RECORDED_MS_PER_STEP = 600_000
const TIMING = { maxRows: 10, maxAgeMs: 10_000, healthMs: 30_000 }

/** Enrols where needed and starts all three, or none. */
export async function startStations(
  dir: string,
  gatewayUrl: string,
  startedAt: number,
  emit: DemoListener,
): Promise<SimulatedStation[]> {
  const stations: SimulatedStation[] = []
  const machineOf = (name: string) => async (streams: readonly StreamDefinition[]) => {
    const home = join(dir, 'stations', name)
    await initStation(home, gatewayUrl, Date.now())
    return await startStationMachine(name, home, gatewayUrl, streams, emit)
  }
  const add = (station: SimulatedStation): void => {
    stations.push(station)
    emit({ event: 'station-ready', station: station.name, machine: station.id })
  }
  try {
    for (const plan of WITH_BOARDS) add(await startBoardStation(plan, startedAt, machineOf(plan.name), emit))
    add(await startSynthetic(startedAt, machineOf(SYNTHETIC[0]), emit))
    return stations
  } catch (error) {
    for (const station of stations) await station.stop()
    throw error
  }
}

async function startSynthetic(
  startedAt: number,
  startMachineWith: (streams: readonly StreamDefinition[]) => Promise<Machine>,
  emit: DemoListener,
): Promise<SimulatedStation> {
  const [name, startDate] = SYNTHETIC
  const world = createWorld(loadSeattle(), WORLD_SEED)
  const machine = await startMachineWith([weatherStream(WORLD_SEED, name, EVERY_MS)])
  const replay = createReplay({ record: world, startDate, recordedMsPerStep: RECORDED_MS_PER_STEP })
  return replaying(name, machine, createStation(world, name), replay, startedAt, emit)
}

function replaying(
  name: string,
  machine: Machine,
  source: WeatherSource,
  replay: Replay,
  startedAt: number,
  emit: DemoListener,
): SimulatedStation {
  const onEvent: MachineListener = (event) => emit({ from: name, ...event })
  const stopReplay = replayWeather({
    machine,
    source,
    replay,
    clock: systemClock(),
    everyMs: EVERY_MS,
    startedAt,
    onEvent,
  })
  return {
    name,
    id: machine.id,
    async stop() {
      stopReplay()
      await machine.stop()
    },
  }
}

async function startStationMachine(
  name: string,
  home: string,
  gatewayUrl: string,
  streams: readonly StreamDefinition[],
  emit: DemoListener,
): Promise<Machine> {
  const files = stationFiles(home)
  const gateway = await pinnedGateway(home, gatewayUrl)
  return await startMachine({
    signer: await openKeyFile(files.key),
    gateway,
    streams: streams.map((definition) => ({ definition })),
    outbox: await openLibsqlOutbox(files.outbox, { create: false }),
    link: mqttLink({
      url: gateway.mqttUrl,
      onWarning: (detail) => emit({ from: name, event: 'fault', code: 'link-failed', detail }),
    }),
    clock: systemClock(),
    entropy: systemEntropy,
    hash: nativeHash,
    suites: nativeSuites,
    software: 'fieldproof first-light',
    timing: TIMING,
    onEvent: (event) => emit({ from: name, ...event }),
  })
}
