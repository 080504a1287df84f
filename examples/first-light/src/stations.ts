/** Three simulated stations on the production machine runtime: own key file, own outbox, own link. */
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
import type { DemoListener } from './events.ts'

/** A running station. */
export interface SimulatedStation {
  readonly name: string
  readonly id: MachineId
  stop(): Promise<void>
}

/** Name, seed of its sensors' errors, and the recorded day on which its replay begins. */
const STATIONS: readonly (readonly [name: string, startDate: string])[] = [
  ['ballard', '2012-11-17'],
  ['fremont', '2014-03-01'],
  ['rainier', '2014-08-01'],
]
const WORLD_SEED = 2012
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
  const world = createWorld(loadSeattle(), WORLD_SEED)
  const stations: SimulatedStation[] = []
  try {
    for (const [name, startDate] of STATIONS) {
      const home = join(dir, 'stations', name)
      await initStation(home, gatewayUrl, Date.now())
      const machine = await startStationMachine(name, home, gatewayUrl, emit)
      const replay = createReplay({ record: world, startDate, recordedMsPerStep: RECORDED_MS_PER_STEP })
      stations.push(replaying(name, machine, createStation(world, name), replay, startedAt, emit))
      emit({ event: 'station-ready', station: name, machine: machine.id })
    }
    return stations
  } catch (error) {
    for (const station of stations) await station.stop()
    throw error
  }
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
  emit: DemoListener,
): Promise<Machine> {
  const files = stationFiles(home)
  const gateway = await pinnedGateway(home, gatewayUrl)
  return await startMachine({
    signer: await openKeyFile(files.key),
    gateway,
    streams: [{ definition: weatherStream(WORLD_SEED, name, EVERY_MS) }],
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
