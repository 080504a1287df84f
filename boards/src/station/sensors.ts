/** The sensors of a station on one session: started once, started again after a fault, read together. */
import { FieldproofError } from '@fieldproof/sdk/base'
import type { Clock } from '@fieldproof/sdk/machine'
import { coded } from '../board/failures.ts'
import { patiently } from '../board/patience.ts'
import type { BoardSession, Measurement, StartedSensor } from '../board/ports.ts'
import type { StationDefinition } from './definition.ts'
import type { Faults } from './faults.ts'

/** Wait before a sensor that could not be started is tried again, in ms. */
const RESTART_MS = 5_000
/** A driver that takes longer is left alone for a while; whatever it comes to then is not recorded. */
const DRIVER_MS = 5_000
const LATE_RESTART_MS = 60_000

interface Slot {
  started: StartedSensor | null
  /** Monotonic time before which it is not tried again. */
  notBeforeMs: number
}

/** See the file's head. Faults become rows of health; the end of the session is thrown. */
export class SessionSensors {
  readonly #station: StationDefinition
  readonly #session: BoardSession
  readonly #clock: Clock
  readonly #faults: Faults
  readonly #slots: ReadonlyMap<string, Slot>

  constructor(station: StationDefinition, session: BoardSession, clock: Clock, faults: Faults) {
    this.#station = station
    this.#session = session
    this.#clock = clock
    this.#faults = faults
    this.#slots = new Map(Object.keys(station.sensors).map((name) => [name, { started: null, notBeforeMs: 0 }]))
  }

  /** Measures with these sensors; one that fails is left out and told. @throws FieldproofError why the session is over */
  async read(names: readonly string[]): Promise<ReadonlyMap<string, Measurement>> {
    const measured = new Map<string, Measurement>()
    for (const name of names) {
      const one = await this.#try(name, (sensor) => sensor.read())
      if (one !== undefined) measured.set(name, one)
    }
    return measured
  }

  /** Samples those of them that want it; returns what commits the samples. @throws FieldproofError why the session is over */
  async sample(names: readonly string[]): Promise<readonly (() => void)[]> {
    const commits: (() => void)[] = []
    for (const name of names) {
      const commit = await this.#try(name, async (sensor) => (await sensor.sample?.()) ?? (() => undefined))
      if (commit !== undefined) commits.push(commit)
    }
    return commits
  }

  async #try<T>(name: string, work: (sensor: StartedSensor) => Promise<T>): Promise<T | undefined> {
    const slot = this.#slots.get(name)
    const driver = this.#station.sensors[name]?.driver
    if (slot === undefined || driver === undefined) return undefined
    const nowMs = this.#clock.monotonicMs()
    if (slot.started === null && nowMs < slot.notBeforeMs) return undefined
    const { signal } = this.#session
    let isLate = false
    const late = (): FieldproofError => {
      isLate = true
      return new FieldproofError('sensor-silent', `its driver has not come back within ${DRIVER_MS} ms`)
    }
    const limit = { clock: this.#clock, ms: DRIVER_MS, late }
    try {
      slot.started ??= await patiently(driver.start(this.#session), { limit, signal })
      return await patiently(work(slot.started), { limit, signal })
    } catch (error) {
      signal.throwIfAborted()
      const fault = coded(error, (detail) => new FieldproofError('sensor-invalid', `its driver failed: ${detail}`))
      // Unplugged and plugged in again a sensor has forgotten its settings, so it is set up anew.
      if (isLate) slot.notBeforeMs = nowMs + LATE_RESTART_MS
      else if (slot.started === null) slot.notBeforeMs = nowMs + RESTART_MS
      slot.started = null
      this.#faults.begin(name, fault, this.#session.epoch)
      return undefined
    }
  }
}
