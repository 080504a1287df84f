/** Reads every sensor of a station once: what it says, what that is worth, and what to do when it says nothing. */
import { type Code, errorLine, fieldproofErrorOf } from '@fieldproof/sdk/base'
import { type Clock, rowOf } from '@fieldproof/sdk/machine'
import { createQualityControl } from '@fieldproof/sdk/quality'
import type { BoardSession, Measurement, StartedSensor } from '../../board/ports.ts'
import type { SensorDefinition, StationDefinition } from '../../station/definition.ts'
import { stationStreams } from '../../station/run-station.ts'

/** One value of a sensor. */
export interface SensorValue {
  readonly quantity: string
  readonly value: number | null
  readonly unit: string
  /** QARTOD: pass, not-evaluated, suspect, fail or missing; by the rules of the column that shows it. */
  readonly quality: Quality
}

type Quality = 'pass' | 'not-evaluated' | 'suspect' | 'fail' | 'missing'

/** One sensor. */
export interface SensorFinding {
  readonly sensor: string
  readonly title: string
  readonly values: readonly SensorValue[]
  /** Null when it answered. */
  readonly fault: { readonly code: Code | 'internal'; readonly detail: string } | null
  readonly remedy: string | null
}

/** A conversion takes up to 0.75 s; a sensor that counts has nothing to compare its first count with. */
const AGAIN_MS = 1_000

const REMEDIES: Partial<Record<Code, string>> = {
  'sensor-silent': 'check its wires and its supply',
  'sensor-invalid': 'check its wires; a long cable wants a lower pull-up resistor',
  'sensor-mismatch': 'another part was sold or configured: change it in station.yaml',
}

/** What a sensor gave, or why it gave nothing. */
interface Outcome {
  readonly values: Measurement['values'] | null
  readonly error: unknown
}

/** Reads all of them, one after the other. @throws FieldproofError why the board is gone */
export async function checkSensors(
  station: StationDefinition,
  session: BoardSession,
  clock: Clock,
): Promise<readonly SensorFinding[]> {
  const outcomes = new Map<string, Outcome>()
  for (const [name, sensor] of Object.entries(station.sensors)) {
    outcomes.set(name, await readTwice(sensor, session, clock))
    session.signal.throwIfAborted()
  }
  const given = [...outcomes].flatMap(([name, { values }]) => (values === null ? [] : [[name, values] as const]))
  const quality = qualityOf(station, new Map(given), clock.now())
  return [...outcomes].flatMap(([name, outcome]) => {
    const sensor = station.sensors[name]
    return sensor === undefined ? [] : [findingOf(name, sensor, outcome, quality)]
  })
}

/** What a sensor cannot say at once it may say a second later. */
async function readTwice({ driver }: SensorDefinition, session: BoardSession, clock: Clock): Promise<Outcome> {
  let outcome: Outcome = { values: null, error: undefined }
  let started: StartedSensor | null = null
  for (let tries = 0; tries < 2; tries++) {
    if (tries > 0) await new Promise<void>((resolve) => clock.after(AGAIN_MS, resolve))
    try {
      started ??= await driver.start(session)
      const { values, commit, fault } = await started.read()
      commit?.()
      outcome = { values, error: fault }
      if (Object.values(values).every((value) => value !== null)) break
    } catch (error) {
      started = null
      outcome = { values: null, error }
    }
  }
  return outcome
}

type Values = ReadonlyMap<string, Readonly<Record<string, number | null>>>

/** Quality by `sensor.quantity`, of one row alone: steps and rates need more. */
function qualityOf(station: StationDefinition, values: Values, time: number): ReadonlyMap<string, Quality> {
  const found = new Map<string, Quality>()
  const definitions = new Map(stationStreams(station).map((definition) => [definition.name, definition]))
  for (const [name, stream] of Object.entries(station.streams)) {
    const definition = definitions.get(name)
    if (stream.quality === undefined || definition === undefined) continue
    const columns = Object.entries(stream.columns).flatMap(([column, source]) =>
      'sensor' in source ? [[column, values.get(source.sensor)?.[source.quantity] ?? null] as const] : [],
    )
    const control = createQualityControl(stream.quality, definition.columns)
    const { flags } = control.evaluate({
      time,
      epoch: 1,
      values: rowOf(time, Object.fromEntries(columns), definition).values,
    })
    control.columns.forEach((column, i) => {
      const source = stream.columns[column]
      if (source !== undefined && 'sensor' in source) {
        found.set(`${source.sensor}.${source.quantity}`, NAMES[flags[i] ?? 2] ?? 'not-evaluated')
      }
    })
  }
  return found
}

const NAMES: Readonly<Record<number, Quality>> = {
  1: 'pass',
  2: 'not-evaluated',
  3: 'suspect',
  4: 'fail',
  9: 'missing',
}

function findingOf(
  sensor: string,
  { part, quantities }: SensorDefinition,
  { values: given, error }: Outcome,
  quality: ReadonlyMap<string, Quality>,
): SensorFinding {
  const values = Object.entries(quantities).map(([quantity, { unit, decimals }]): SensorValue => {
    const exact = given?.[quantity] ?? null
    const value = exact === null ? null : Number(exact.toFixed(decimals))
    const worth = value === null ? 'missing' : (quality.get(`${sensor}.${quantity}`) ?? 'not-evaluated')
    return { quantity, value, unit, quality: worth }
  })
  const code = error === undefined ? null : (fieldproofErrorOf(error)?.code ?? 'internal')
  const isDoubtful = values.some((value) => value.quality === 'suspect' || value.quality === 'fail')
  const advice = code === null ? (isDoubtful ? 'out of its range: check wires and settings' : null) : adviceOf(code)
  const wires = part.wires.map(({ terminal, pin }) => `${terminal} to ${pin}`).join(', ')
  return {
    sensor,
    title: part.title,
    values,
    fault: code === null ? null : { code, detail: errorLine(error).replace(`${code}: `, '') },
    remedy: advice === null ? null : `${advice} (${wires})`,
  }
}

function adviceOf(code: Code | 'internal'): string {
  return (code === 'internal' ? undefined : REMEDIES[code]) ?? 'run `fieldproof doctor`'
}
