/** The work of a lab's thread, once time is virtual. */
import { pathToFileURL } from 'node:url'
import { FieldproofError } from '@fieldproof/sdk/base'
import type { Job, JobMessage } from '../lab/job.ts'
import { judge } from '../lab/judge/judge.ts'
import { fingerprint, type LabOptions, openStationLab } from '../lab/station-lab.ts'
import type { VirtualTime } from '../lab/virtual-time.ts'
import { mix32, subkey, uniform } from '../world/rng.ts'
import { journalOf } from './journal.ts'
import { resultOf, type ScenarioResult } from './result.ts'
import type { Dice } from './scenario.ts'
import { SCENARIOS } from './scenarios.ts'

/** Hands of the thread. */
export interface JobPlace {
  readonly time: VirtualTime
  readonly onStep: (step: (ms: number) => void) => void
  readonly post: (message: JobMessage) => void
}

/** What a scenario's job comes to. */
export interface PlayedScenario {
  readonly result: ScenarioResult
  /** Lines for people, with their virtual time. */
  readonly journal: readonly string[]
}

/** What a station's job comes to. */
export interface PlayedStation {
  /** SHA-256 of all batches, in order, hex. */
  readonly batchesSha256: string
  readonly batches: number
  readonly rows: number
  /** Null after so long a run that the parts have forgotten what they said first. */
  readonly falseRows: number | null
  readonly virtualMs: number
  /** Changes of a Johnny-Five LED, virtual ms; null where Johnny-Five is not installed. */
  readonly blinksMs: readonly number[] | null
}

/** Does a job. @throws FieldproofError `usage` for a scenario that does not exist, and whatever a lab throws */
export async function runJob(job: Job, place: JobPlace): Promise<PlayedScenario | PlayedStation> {
  return job.kind === 'scenario' ? await playScenario(job, place) : await playStation(job, place)
}

async function playScenario(job: Job & { kind: 'scenario' }, { time, onStep }: JobPlace): Promise<PlayedScenario> {
  const scenario = SCENARIOS.find(({ name }) => name === job.name)
  if (scenario === undefined) throw new FieldproofError('usage', `no scenario ${job.name}`)
  const dice = diceOf(job.seed, job.name)
  const options = {
    ...scenario.setup,
    ...(await planted(job.plant)),
    station: scenario.station,
    seed: job.seed,
  }
  const lab = await openStationLab(time, onStep, options)
  const troubles: string[] = []
  try {
    await scenario.play(lab, dice)
  } catch (error) {
    if (!(error instanceof FieldproofError)) throw error
    troubles.push(`at ${time.elapsedMs()} ms: ${error.message}`)
  }
  const record = await lab.finish()
  const result = resultOf(scenario, job.seed, record)
  const findings = [...troubles, ...result.findings]
  return { result: { ...result, ok: findings.length === 0, findings }, journal: journalOf(record) }
}

async function playStation(job: Job & { kind: 'station' }, { time, onStep, post }: JobPlace): Promise<PlayedStation> {
  const { station, seed, forMs, settings } = job
  if (station !== 'weather-station' && station !== 'irrigation-station') {
    throw new FieldproofError('usage', `no station ${station}`)
  }
  const lab = await openStationLab(time, onStep, {
    ...{ station, seed },
    ...(settings && { settings }),
    ...(await planted(job.plant)),
    onRow: (row) => post({ kind: 'row', row }),
  })
  await lab.pass(forMs)
  const record = await lab.finish()
  const { signed, falseRows, isComplete } = judge(record)
  const { batches, virtualMs, blinksMs } = record
  return {
    batchesSha256: fingerprint(batches),
    ...{ batches: batches.length, rows: signed, falseRows: isComplete ? falseRows : null, virtualMs, blinksMs },
  }
}

async function planted(url: string | undefined): Promise<Partial<Omit<LabOptions, 'station' | 'seed'>>> {
  if (url === undefined) return {}
  const target = url.startsWith('file:') ? url : pathToFileURL(url).href
  return { ...((await import(target)) as Partial<Omit<LabOptions, 'station' | 'seed'>>) }
}

function diceOf(seed: number, name: string): Dice {
  const key = subkey(mix32(seed), name)
  let drawn = 0
  return { between: (low, high) => low + (high - low) * uniform(key, drawn++) }
}
