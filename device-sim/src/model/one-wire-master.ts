/** 1-Wire of the model: jobs one after the other, bit by bit on the level of their pin (08-board, 1-Wire). */
import { encodeOneWireReply, type OneWireSteps, type Refusal, ROM_BYTES } from '@fieldproof/boards/protocol'
import { type BoardTime, CYCLES_PER_MS, CYCLES_PER_US, runSteps, type Steps } from './board-time.ts'

const SEARCH_ROM = 0xf0
const SKIP_ROM = 0xcc
const MATCH_ROM = 0x55
const MAX_JOBS = 4
const MAX_FOUND = 8
const RESET_US = 490
const PRESENCE_US = 68
const RECOVERY_US = 420
const ONE_US = 5
const ZERO_US = 62
const SAMPLE_US = 10
const SLOT_US = 67

/** Something to do on a pin in 1-Wire mode. */
export type OneWireJob =
  | { readonly kind: 'search'; readonly pin: number }
  | ({ readonly kind: 'steps'; readonly pin: number } & OneWireSteps)

/** The line, as the master has it. */
export interface OneWirePins {
  readonly pull: (pin: number, isLow: boolean) => void
  readonly levelOf: (pin: number) => boolean
  /** Whether a pin is in 1-Wire mode. */
  readonly isOneWire: (pin: number) => boolean
}

/** Does jobs in their order. */
export interface OneWireMaster {
  /** False when four wait already (BOARD-43). */
  readonly add: (job: OneWireJob) => boolean
  /** Drops every job. */
  readonly reset: () => void
}

/** What the master tells. */
export interface OneWireEvents {
  readonly onReply: (bytes: Uint8Array) => void
  readonly onError: (pin: number, refusal: Refusal) => void
}

/** A master without jobs. */
export function createOneWireMaster(time: BoardTime, pins: OneWirePins, events: OneWireEvents): OneWireMaster {
  let jobs: OneWireJob[] = []
  let run = 0
  const present = new Set<number>()

  const next = (): void => {
    const [job] = jobs
    if (job === undefined) return
    const current = run
    runSteps(
      time,
      whileRunning(() => run === current, doJob(pins, present, job, events)),
      () => {
        if (run !== current) return
        jobs.shift()
        next()
      },
    )
  }
  return {
    add: (job) => {
      if (jobs.length === MAX_JOBS) return false
      if (jobs.push(job) === 1) next()
      return true
    },
    reset: () => {
      for (const { pin } of jobs) pins.pull(pin, false)
      jobs = []
      run++
      present.clear()
    },
  }
}

/** Ends steps early, without their last words, when the jobs were dropped meanwhile. */
function* whileRunning(isRunning: () => boolean, steps: Steps): Steps {
  for (let step = steps.next(); step.done !== true; step = steps.next()) {
    yield step.value
    if (!isRunning()) return
  }
}

function* doJob(pins: OneWirePins, present: Set<number>, job: OneWireJob, events: OneWireEvents): Steps {
  const { pin } = job
  const failure =
    job.kind === 'search' ? yield* search(pins, present, pin, events) : yield* steps(pins, present, job, events)
  if (failure !== undefined) events.onError(pin, failure)
}

function* steps(
  pins: OneWirePins,
  present: Set<number>,
  job: { readonly pin: number } & OneWireSteps,
  { onReply }: OneWireEvents,
): Steps<Refusal | undefined> {
  const { pin, correlationId } = job
  const failure = job.reset ? yield* reset(pins, present, pin) : missing(present, job)
  if (failure !== undefined) return failure
  const address = job.select === 'all' ? [SKIP_ROM] : job.select === null ? [] : [MATCH_ROM, ...job.select]
  for (const byte of [...address, ...job.write]) {
    if (!pins.isOneWire(pin)) return 'unknown'
    for (let bit = 0; bit < 8; bit++) yield* writeBit(pins, pin, ((byte >> bit) & 1) === 1)
  }
  const data = new Uint8Array(job.read)
  for (const i of data.keys()) {
    if (!pins.isOneWire(pin)) return 'unknown'
    for (let bit = 0; bit < 8; bit++) if (yield* readBit(pins, pin)) data[i] = (data[i] ?? 0) | (1 << bit)
  }
  if (data.length > 0) onReply(encodeOneWireReply({ kind: 'read', pin, correlationId, data }))
  yield job.delayMs * CYCLES_PER_MS
  return undefined
}

/** BOARD-41: nobody hears what is said on a pin whose last reset nobody answered. */
function missing(
  present: Set<number>,
  { pin, write, read }: { readonly pin: number } & OneWireSteps,
): Refusal | undefined {
  return (write.length > 0 || read > 0) && !present.has(pin) ? 'no-device' : undefined
}

/** All addresses: at each bit where devices differ, 0 first, and 1 in a later pass. */
function* search(
  pins: OneWirePins,
  present: Set<number>,
  pin: number,
  { onReply }: OneWireEvents,
): Steps<Refusal | undefined> {
  const addresses: Uint8Array[] = []
  let path: number[] = [] // bits that this pass takes where devices differ
  for (;;) {
    const failure = yield* reset(pins, present, pin)
    if (failure !== undefined) return failure
    for (let bit = 0; bit < 8; bit++) yield* writeBit(pins, pin, ((SEARCH_ROM >> bit) & 1) === 1)
    const rom = new Uint8Array(ROM_BYTES)
    let branches = 0
    for (let at = 0; at < 8 * ROM_BYTES; at++) {
      if (!pins.isOneWire(pin)) return 'unknown'
      const isOne = yield* readBit(pins, pin)
      const isZero = yield* readBit(pins, pin)
      if (isOne && isZero) return 'no-device'
      const differ = !isOne && !isZero
      const bit = differ ? (path[branches] ?? 0) : Number(isOne)
      if (differ) path[branches++] = bit
      rom[at >> 3] = (rom[at >> 3] ?? 0) | (bit << (at & 7))
      yield* writeBit(pins, pin, bit === 1)
    }
    addresses.push(rom)
    path = path.slice(0, path.lastIndexOf(0) + 1)
    if (path.length === 0) break
    path[path.length - 1] = 1
    if (addresses.length === MAX_FOUND) return 'out-of-range'
  }
  onReply(encodeOneWireReply({ kind: 'found', pin, addresses }))
  return undefined
}

function* reset(pins: OneWirePins, present: Set<number>, pin: number): Steps<Refusal | undefined> {
  present.delete(pin)
  if (!pins.isOneWire(pin)) return 'unknown'
  if (!pins.levelOf(pin)) return 'bus-held'
  pins.pull(pin, true)
  yield RESET_US * CYCLES_PER_US
  pins.pull(pin, false)
  yield PRESENCE_US * CYCLES_PER_US
  const isPresent = !pins.levelOf(pin)
  yield RECOVERY_US * CYCLES_PER_US
  if (!pins.levelOf(pin)) return 'bus-held'
  if (!isPresent) return 'no-device'
  present.add(pin)
  return undefined
}

function* writeBit(pins: OneWirePins, pin: number, isOne: boolean): Steps {
  const lowUs = isOne ? ONE_US : ZERO_US
  pins.pull(pin, true)
  yield lowUs * CYCLES_PER_US
  pins.pull(pin, false)
  yield (SLOT_US - lowUs) * CYCLES_PER_US
}

function* readBit(pins: OneWirePins, pin: number): Steps<boolean> {
  pins.pull(pin, true)
  yield 2 * CYCLES_PER_US
  pins.pull(pin, false)
  yield (SAMPLE_US - 2) * CYCLES_PER_US
  const isHigh = pins.levelOf(pin)
  yield (SLOT_US - SAMPLE_US) * CYCLES_PER_US
  return isHigh
}
