/** What a check of `fieldproof doctor` found, and what every check is given. */
import { errorLine, FieldproofError, fieldproofErrorOf } from '@fieldproof/sdk/base'
import type { StationConfig } from '../../config/index.ts'
import type { Surroundings } from '../surroundings.ts'

/** One finding; names are stable. */
export interface Finding {
  readonly check: string
  readonly status: 'ok' | 'warn' | 'fail' | 'skipped'
  /** What was found; why, where it was skipped. */
  readonly detail: string
  /** What to do about it; null where nothing is to be done. */
  readonly remedy: string | null
}

/** What is examined. */
export interface Patient {
  readonly surroundings: Surroundings
  /** Folder of the station; null examines the computer alone. */
  readonly dir: string | null
  /** Null without a folder, or when it cannot be read. */
  readonly config: StationConfig | null
  /** Serial port of the board; null when none is known. */
  readonly port: string | null
}

/** A check: findings, in order. What it throws becomes a failure. */
export interface Check {
  readonly name: string
  run(patient: Patient): Promise<readonly Omit<Finding, 'check'>[]>
}

type Found = Omit<Finding, 'check'>

/** All is well. */
export function ok(detail: string): Found {
  return { status: 'ok', detail, remedy: null }
}

/** It works, and may not for long. */
export function warn(detail: string, remedy: string): Found {
  return { status: 'warn', detail, remedy }
}

/** It does not work. */
export function fail(detail: string, remedy: string): Found {
  return { status: 'fail', detail, remedy }
}

/** It was not looked at. */
export function skipped(why: string): Found {
  return { status: 'skipped', detail: why, remedy: null }
}

/** Runs a check; an error becomes a failure, with what its code says for a remedy. */
export async function findingsOf({ name, run }: Check, patient: Patient): Promise<readonly Finding[]> {
  const found = await run(patient).catch((error: unknown) => [fail(textOf(error), remedyOf(error))])
  return found.map((one) => ({ check: name, ...one }))
}

function textOf(error: unknown): string {
  const known = fieldproofErrorOf(error)
  return known === undefined ? errorLine(error) : known.message.replace(`${known.code}: `, '')
}

function remedyOf(error: unknown): string {
  const known = fieldproofErrorOf(error)
  if (!(known instanceof FieldproofError)) return 'this is a fault of this program: please report it'
  return `see ${known.docs}`
}
