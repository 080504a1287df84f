/** Why a connection or a command failed, as coded errors with one wording each. */
import { FieldproofError, fieldproofErrorOf } from '@fieldproof/sdk/base'
import type { Refusal } from '../protocol/index.ts'

/** The line is gone. */
export function disconnected(reason: string): FieldproofError {
  return new FieldproofError('board-disconnected', `the serial line is gone: ${reason}`)
}

/** Something that was sent did not arrive as it was. */
export function garbled(detail: string): FieldproofError {
  return new FieldproofError('board-garbled', detail)
}

/** The chip was reset. */
export function restarted(detail: string): FieldproofError {
  return new FieldproofError('board-restarted', `the board was reset: ${detail}`)
}

/** The board answers nothing. */
export function boardSilent(detail: string): FieldproofError {
  return new FieldproofError('board-silent', detail)
}

/** A sensor answers nothing. */
export function sensorSilent(detail: string, facts: Readonly<Record<string, number>> = {}): FieldproofError {
  return new FieldproofError('sensor-silent', detail, { facts })
}

/** An actuator was not seen to do what it was told. */
export function commandFailed(detail: string, cause?: unknown): FieldproofError {
  return new FieldproofError('command-failed', detail, { cause })
}

/** The error itself when it has a code, or `otherwise` with its text. */
export function coded(error: unknown, otherwise: (detail: string) => FieldproofError): FieldproofError {
  return fieldproofErrorOf(error) ?? otherwise(error instanceof Error ? error.message : String(error))
}

const SILENCES: ReadonlySet<Refusal> = new Set<Refusal>(['no-device', 'bus-held'])

/** Whether a board refused a request because the device on the bus did not take part in it. */
export function isSilence(refusal: Refusal): boolean {
  return SILENCES.has(refusal)
}
