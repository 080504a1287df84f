/** What a scenario is: something that goes wrong with a board, and what must stand signed afterwards. */
import type { Code } from '@fieldproof/sdk/base'
import type { StationName } from '../lab/bench.ts'
import type { Verdict } from '../lab/judge/judge.ts'
import type { LabOptions, LabRecord, StationLab } from '../lab/station-lab.ts'

/** A fault as the health stream has it. */
export interface SignedFault {
  /** `board`, `line`, or the name of a sensor. */
  readonly subject: string
  readonly code: string
  /** Virtual ms of the row that began it. */
  readonly begins: number
  /** Of the row that ended it, or of the next fault of the same subject; null when it still stood at the end. */
  readonly ends: number | null
}

/** A fault that is expected. */
export interface ExpectedFault {
  readonly subject: string
  readonly code: Code
  /** Default true: it must be over at the end. */
  readonly ends?: boolean
}

/** What must have come of it. */
export interface Expectation {
  /** Each must stand in a signed health row with its code. */
  readonly faults: readonly ExpectedFault[]
  /** These may stand there too; any other is a finding. */
  readonly mayAlso?: readonly Omit<ExpectedFault, 'ends'>[]
  /** From each mending to the next row, at most, virtual ms; null when nothing is mended. */
  readonly recoverMs: number | null
  /** The row must have a value in this column; any row, when left out. */
  readonly recoverColumn?: string
  /** Fewest rows that are signed in all. */
  readonly rows: number
  /** Anything else, as findings. */
  readonly also?: (record: LabRecord, verdict: Verdict) => readonly string[]
}

/** Random numbers of a scenario: the same seed, the same numbers. */
export interface Dice {
  /** From `low` up to `high`, not included. */
  readonly between: (low: number, high: number) => number
}

/** Something that goes wrong. */
export interface Scenario {
  /** kebab-case. */
  readonly name: string
  /** One sentence. */
  readonly summary: string
  readonly station: StationName
  readonly setup?: Partial<Omit<LabOptions, 'station' | 'seed'>>
  readonly play: (lab: StationLab, dice: Dice) => Promise<void>
  readonly expect: Expectation
}

/** Virtual time before anything goes wrong, about: some batches are signed by then, and one is half full. */
export const CALM_MS = 13_000

/** Lets the station work for a while, so that trouble comes at another moment of a row with each seed. */
export async function calm(lab: StationLab, dice: Dice, ms: number = CALM_MS): Promise<void> {
  await lab.pass(ms + Math.floor(dice.between(0, 2_000)))
}

/** On a line that may say anything, everything may seem to fail. */
export const EVERYTHING_MAY_FAIL: readonly Omit<ExpectedFault, 'ends'>[] = (
  ['board', 'line', 'air', 'wind', 'vane', 'rain', 'shallow', 'deep', 'thermometer', 'flow', 'valveState'] as const
).flatMap((subject) => {
  const codes: readonly Code[] = [
    ...(['board-silent', 'board-garbled', 'board-restarted', 'board-refused', 'board-message-invalid'] as const),
    ...(['board-firmware', 'board-disconnected', 'port-unavailable', 'command-failed'] as const),
    ...(['sensor-silent', 'sensor-invalid', 'sensor-mismatch'] as const),
  ]
  return codes.map((code) => ({ subject, code }))
})
