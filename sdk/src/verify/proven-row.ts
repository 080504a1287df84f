/** A verified row in the words of its definition: names, units and scaled values, ready to be shown. */
import type { MachineId, UnixMs } from '../base/index.ts'
import { toHex } from '../base/index.ts'
import type { Column, Value } from '../wire/index.ts'
import type { ReadRow } from './bundle-checks.ts'

/** When the rows were signed, between two blocks. Bounds the signing, not the measurement. */
export interface TimeWindow {
  /** Seconds since 1970 of the newest block that the signer is known to have seen; null when unverified. */
  readonly notBefore: number | null
  /** Seconds since 1970 of the block that anchored the log; null when unverified. */
  readonly notAfter: number | null
}

/** One value of a row. */
export interface ProvenValue {
  readonly name: string
  /** SenML unit, empty for none. */
  readonly unit: string
  /** Decimal text with exactly the digits that were signed, hex for bytes; null when missing. */
  readonly value: string | boolean | null
}

/** One row, its place in the machine's history, and what its definition says about it. */
export interface ProvenRow {
  readonly machine: MachineId
  readonly stream: string
  readonly sequence: number
  /** Leaf index of its statement in the log. */
  readonly logIndex: number
  /** Leaf index in its batch, from 1. */
  readonly index: number
  /** The machine's claim of when it measured. */
  readonly time: UnixMs
  /** 0 unsynced, 1 holdover, 2 synced. */
  readonly clockQuality: number
  readonly values: readonly ProvenValue[]
  readonly window: TimeWindow
  /** How the values come to be, as the signed definition states it. */
  readonly method: string | null
}

/** What a verified row says. */
export function provenRow({ statement, index, row }: ReadRow, window: TimeWindow): ProvenRow {
  const { definition, signed } = statement
  return {
    machine: signed.statement.machine,
    stream: definition.name,
    sequence: signed.statement.sequence,
    logIndex: statement.source.logIndex,
    index,
    time: row.time,
    clockQuality: signed.statement.clockQuality,
    values: definition.columns.map((column, i) => ({
      name: column.name,
      unit: column.unit,
      value: shownValue(column, row.values[i] ?? null),
    })),
    window,
    method: definition.context.method ?? null,
  }
}

/** A value for people: decimal text with exactly the digits that were signed, hex for bytes; null when missing. */
export function shownValue(column: Column, value: Value): string | boolean | null {
  if (typeof value === 'number') return decimalText(value, column.exponent)
  return value instanceof Uint8Array ? toHex(value) : value
}

/** `integer` x 10^`exponent` as decimal text without rounding: 2137 and -2 give "21.37". */
export function decimalText(integer: number, exponent: number): string {
  if (exponent >= 0) return integer === 0 ? '0' : `${integer}${'0'.repeat(exponent)}`
  const digits = Math.abs(integer)
    .toString()
    .padStart(1 - exponent, '0')
  const split = digits.length + exponent
  return `${integer < 0 ? '-' : ''}${digits.slice(0, split)}.${digits.slice(split)}`
}
