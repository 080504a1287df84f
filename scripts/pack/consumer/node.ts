/** A program of a user on Node: a station, a simulated one, and a test with our fakes. It has Node's types, and not the DOM's. */
import { replayWeather, WEATHER } from '@fieldproof/device-sim'
import { createUno, type Uno } from '@fieldproof/device-sim/avr'
import { type Station, type StationOptions, startStation } from '@fieldproof/sdk'
import { main } from '@fieldproof/sdk/cli'
import { DEFAULTS, type Machine, type MachineEvent, startMachine } from '@fieldproof/sdk/machine'
import { nativeHash, nativeSuites } from '@fieldproof/sdk/native'
import { httpRpc, mqttLink, openLibsqlOutbox } from '@fieldproof/sdk/node'
import { createVirtualClock, seededEntropy } from '@fieldproof/sdk/testing'

const options: StationOptions = {
  dir: 'porch',
  gateway: 'http://127.0.0.1:8787',
  streams: { porch: { everyMs: 1000, columns: { load: { unit: '', decimals: 2 } }, read: () => ({ load: 0.5 }) } },
  timing: { maxAgeMs: DEFAULTS.maxAgeMs },
  onEvent: (event: MachineEvent) => console.log(event.event),
}

export async function start(): Promise<Station> {
  return await startStation(options)
}

export function board(hex: string): Uno {
  return createUno({ hex })
}

export const kinds: readonly string[] = [startMachine, replayWeather, main, httpRpc, mqttLink, openLibsqlOutbox].map(
  (used) => typeof used,
)
export const engines: { readonly hash: typeof nativeHash; readonly suites: typeof nativeSuites } = {
  hash: nativeHash,
  suites: nativeSuites,
}
export const virtual: readonly unknown[] = [createVirtualClock(), seededEntropy('consumer'), WEATHER]

// @ts-expect-error the types are not lost on the way: a machine does not come from nothing
export const nothing: Machine = {}
