/** Rows and definitions in the JSON form of the vectors. */
import { toHex } from '../../../src/base/index.ts'
import type { CborValue, Row, StreamDefinition, Value } from '../../../src/wire/index.ts'
import { bytesOf } from '../runner.ts'

/** A value as vectors write it: bytes as {hex}, so that they are not taken for text. */
export function jsonOf(value: Value | CborValue): unknown {
  if (value instanceof Uint8Array) return { hex: toHex(value) }
  return Array.isArray(value) ? value.map(jsonOf) : value
}

/** `[time, v1, …]`. */
export function rowJson({ time, values }: Row): unknown[] {
  return [time, ...values.map(jsonOf)]
}

/** Inverse of {@link rowJson}. */
export function rowOf(json: unknown): Row {
  const [time, ...values] = json as [number, ...unknown[]]
  const fromJson = (value: unknown): Value =>
    value !== null && typeof value === 'object' ? bytesOf((value as { hex: unknown }).hex) : (value as Value)
  return { time, values: values.map(fromJson) }
}

/** Digests in hex, absent keys absent. */
export function contextJson({ firmware, software, model, ...rest }: StreamDefinition['context']): unknown {
  return {
    ...(firmware && { firmware: toHex(firmware) }),
    ...(software && { software: toHex(software) }),
    ...(model && { model: toHex(model) }),
    ...rest,
  }
}
