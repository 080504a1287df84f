/**
 * One station in virtual time, made of what runs in the field: the emulated chip with its firmware, the serial session, the station,
 * the machine that signs. Only the place, the parts and the disk are simulated. Two labs with the same seed sign the same bytes.
 */
import {
  type RunningStation,
  runStation,
  STATIONS,
  type StationDefinition,
  type StationEvent,
  stationStreams,
} from '@fieldproof/boards'
import { FieldproofError, toHex } from '@fieldproof/sdk/base'
import { pureHash, pureSuites } from '@fieldproof/sdk/crypto'
import { HEALTH, type MachineEvent, startMachine } from '@fieldproof/sdk/machine'
import { noLink, systemClock } from '@fieldproof/sdk/node'
import { namedSigner, openMemoryOutbox, seededEntropy } from '@fieldproof/sdk/testing'
import type { StreamDefinition } from '@fieldproof/sdk/wire'
import { type Bench, type BenchOptions, createBench } from './bench.ts'
import { createBlinker } from './blinker.ts'
import { pendingBatches, realValues, type SignedRow, signedRows } from './signed-rows.ts'
import type { VirtualTime } from './virtual-time.ts'

/** What a lab is made of. */
export interface LabOptions extends BenchOptions {
  /** Settings of the station, as in its file; rows come every 2 s unless they say something else. */
  readonly settings?: Readonly<Record<string, unknown>>
  /** Changes the station, to see whether the lab notices. */
  readonly plant?: (station: StationDefinition) => StationDefinition
  /** Sees every row that will be signed, with its values as they will be. */
  readonly onRow?: (row: Omit<SignedRow, 'sequence'>) => void
}

/** An event of the station, at its virtual time. */
export type TimedEvent = StationEvent & { readonly ms: number }

/** A time in which nothing could be measured. */
export interface Dark {
  readonly fromMs: number
  /** Undefined while it lasts. */
  untilMs: number | undefined
}

/** A step of the wall clock. */
export interface WallStep {
  /** Virtual time. */
  readonly ms: number
  readonly byMs: number
}

/** A lab at work. */
export interface StationLab {
  readonly seed: number
  readonly bench: Bench
  readonly running: RunningStation
  readonly events: readonly TimedEvent[]
  readonly elapsedMs: () => number
  readonly pass: (ms: number) => Promise<void>
  /** Lets time pass until the condition holds. @throws FieldproofError `deadline-passed` */
  readonly until: (condition: () => boolean, maxMs: number) => Promise<void>
  /** Lets time pass until the promise settles. */
  readonly settle: <T>(promise: Promise<T>, maxMs?: number) => Promise<T>
  /** Says what is done to the station, for people. */
  readonly note: (text: string) => void
  /** From now on nothing can be measured: a row that says otherwise is false. */
  readonly dark: () => void
  /** It can be measured again. */
  readonly light: () => void
  /** Everything is as it should be again: rows, or a sensor's values, are waited for from here on. */
  readonly mended: () => void
  readonly stepWallClock: (ms: number) => void
  /** Ends the station, signs everything and reads it back. Once. */
  readonly finish: () => Promise<LabRecord>
}

/** Everything that a lab leaves behind. */
export interface LabRecord {
  readonly options: LabOptions
  readonly station: StationDefinition
  readonly definitions: readonly StreamDefinition[]
  readonly bench: Bench
  readonly virtualMs: number
  /** Wall clock at virtual time 0. */
  readonly startMs: number
  readonly rows: readonly SignedRow[]
  readonly batches: readonly { readonly sequence: number; readonly message: Uint8Array }[]
  readonly events: readonly TimedEvent[]
  readonly notes: readonly { readonly ms: number; readonly text: string }[]
  readonly darks: readonly Dark[]
  readonly mendedMs: readonly number[]
  readonly wallSteps: readonly WallStep[]
  readonly machineFaults: readonly string[]
  /** When the LED of {@link createBlinker} changed, in virtual time; null where Johnny-Five is not installed. */
  readonly blinksMs: readonly number[] | null
}

const EVERY_MS = 2_000
const STOP_MS = 20_000
const TURN_MS = 5

/**
 * Opens a lab. Virtual time must be installed, and its `run` must call what `onStep` is told.
 * @throws FieldproofError `file-unreadable`, `config-invalid`
 */
export async function openStationLab(
  time: VirtualTime,
  onStep: (step: (ms: number) => void) => void,
  options: LabOptions,
): Promise<StationLab> {
  const { seed } = options
  const bench = createBench(options)
  onStep(bench.step)
  const startMs = Date.now()
  const station = defined(options)
  const blinker = await createBlinker()
  const clock = systemClock({ quality: () => 2 }) // not what this computer's time service says
  const signer = namedSigner(`lab ${seed}`)
  const outbox = await openMemoryOutbox()
  const machineFaults: string[] = []
  const definitions = stationStreams(station)
  const machine = await startMachine({
    signer,
    gateway: null,
    streams: definitions.map((definition) => ({ definition })),
    outbox,
    link: noLink(),
    clock,
    entropy: seededEntropy(seed),
    hash: pureHash,
    suites: pureSuites,
    software: 'fieldproof lab',
    timing: { maxRows: 10, maxAgeMs: 30_000 },
    onRow: (definition, { time: wallMs, values }) =>
      options.onRow?.({ stream: definition.name, time: wallMs, values: realValues(values, definition) }),
    onEvent: (event: MachineEvent) => {
      if (event.event === 'fault' || event.event === 'rows-dropped') machineFaults.push(JSON.stringify(event))
    },
  })
  const events: TimedEvent[] = []
  const notes: { ms: number; text: string }[] = []
  const darks: Dark[] = []
  const mendedMs: number[] = []
  const wallSteps: WallStep[] = []
  const blinksMs: number[] = []
  const blinkOn = (epoch: number): void => {
    const { session } = running.board
    if (session?.epoch === epoch) void blinker?.start(session)
    else if (events.findLast(({ event }) => event.startsWith('board-'))?.event === 'board-up') {
      clock.after(TURN_MS, () => blinkOn(epoch)) // the station still looks at it
    }
  }
  const onEvent = (event: StationEvent): void => {
    events.push({ ...event, ms: time.elapsedMs() })
    if (event.event === 'board-up') clock.after(TURN_MS, () => blinkOn(event.epoch))
  }
  bench.uno.onPin(13, ({ ms }) => blinksMs.push(ms))
  const running = runStation({ station, recorder: machine, open: bench.open, clock, onEvent })

  const until = async (condition: () => boolean, maxMs: number): Promise<void> => {
    const endMs = time.elapsedMs() + maxMs
    while (!condition()) {
      if (time.elapsedMs() >= endMs)
        throw new FieldproofError('deadline-passed', `not within ${maxMs} ms of virtual time`)
      await time.pass(TURN_MS)
    }
  }
  return {
    seed,
    bench,
    running,
    events,
    elapsedMs: time.elapsedMs,
    pass: time.pass,
    until,
    settle: (promise, maxMs = STOP_MS) => time.until(promise, maxMs),
    note: (text) => notes.push({ ms: time.elapsedMs(), text }),
    dark: () => darks.push({ fromMs: time.elapsedMs(), untilMs: undefined }),
    light: () => {
      const last = darks.at(-1)
      if (last !== undefined) last.untilMs ??= time.elapsedMs()
    },
    mended: () => mendedMs.push(time.elapsedMs()),
    stepWallClock: (ms) => {
      wallSteps.push({ ms: time.elapsedMs(), byMs: ms })
      time.stepWallClock(ms)
    },
    finish: async () => {
      const virtualMs = time.elapsedMs()
      await time.until(running.stop(), STOP_MS)
      await machine.sealAll()
      const batches = await pendingBatches(outbox)
      const rows = await signedRows(batches, signer, [...definitions, HEALTH])
      await machine.stop()
      return {
        ...{ options, station, definitions, bench, virtualMs, startMs, rows, batches, events, notes, darks },
        ...{ mendedMs, wallSteps, machineFaults, blinksMs: blinker === null ? null : blinksMs },
      }
    },
  }
}

function defined({ station: name, settings = {}, plant = (same) => same }: LabOptions): StationDefinition {
  const profile = STATIONS[name]
  if (profile === undefined) throw new FieldproofError('config-invalid', `no station ${name}`)
  return plant(profile.define({ everyMs: EVERY_MS, ...settings }))
}

/** What was signed, as one text: two runs are the same if this is. */
export function fingerprint(batches: LabRecord['batches']): string {
  return toHex(pureHash.sha256(Buffer.concat(batches.map(({ message }) => message))))
}
