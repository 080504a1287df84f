/** Carries out what a running station is asked for. */
import { FieldproofError } from '@fieldproof/sdk/base'
import { commandFailed } from '../../board/failures.ts'
import type { ValveReading } from '../../board/ports.ts'
import type { StationDefinition } from '../../station/definition.ts'
import type { RunningStation } from '../../station/run-station.ts'
import type { ControlRequest } from './messages.ts'

/** A station, and what it is made of. */
export interface Controlled {
  readonly station: Pick<RunningStation, 'board' | 'valve'>
  readonly definition: Pick<StationDefinition, 'valve' | 'title'>
}

/**
 * Does it, and resolves with what the board read back.
 * @throws FieldproofError `not-found` without a valve, `out-of-range` above the station's own limit, `command-failed`, …
 */
export async function obey(request: ControlRequest, { station, definition }: Controlled): Promise<ValveReading> {
  const { board, valve } = station
  if (valve === null || definition.valve === undefined) throw noValve(definition)
  if (request.command === 'close') return await valve.close()
  if (request.command === 'open') return await valve.open(withinLimit(request.forSeconds, definition.valve.maxMs))
  if (board.session === null) throw commandFailed('there is no connection to the board')
  return await board.session.valve()
}

/** A station that measures only. */
export function noValve({ title }: Pick<StationDefinition, 'title'>): FieldproofError {
  return new FieldproofError('not-found', `this station has no valve: it is a ${title.toLowerCase()}`)
}

function withinLimit(seconds: number, maxMs: number): number {
  if (seconds * 1000 <= maxMs) return seconds * 1000
  const detail = `this station's valve opens for at most ${maxMs / 1000} s at a time (settings.valve.maxMs), not ${seconds} s`
  throw new FieldproofError('out-of-range', detail, { facts: { maxMs } })
}
