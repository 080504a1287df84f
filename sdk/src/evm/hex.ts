/** JSON-RPC spells numbers and bytes as hex; everything from an RPC endpoint is hostile until read here. */
import { FieldproofError, fromHex, toHex } from '../base/index.ts'

/** `0x` and lower-case hex. */
export function toRpcData(bytes: Uint8Array): string {
  return `0x${toHex(bytes)}`
}

/** A JSON-RPC quantity: `0x` and hex without leading zeros. */
export function toRpcQuantity(value: number): string {
  return `0x${value.toString(16)}`
}

/**
 * Bytes of a JSON-RPC data string.
 * @throws FieldproofError `rpc-invalid`
 */
export function readData(value: unknown, what: string, length?: number): Uint8Array {
  // Digits alone: a pattern of repeated pairs overflows the stack of the engine on some megabytes.
  if (typeof value !== 'string' || value.length % 2 !== 0 || !/^0x[0-9a-fA-F]*$/.test(value)) {
    return invalid(what, 'hexadecimal data')
  }
  const bytes = fromHex(value)
  if (length !== undefined && bytes.length !== length) return invalid(what, `${length} bytes`)
  return bytes
}

/**
 * A safe integer from a JSON-RPC quantity.
 * @throws FieldproofError `rpc-invalid`
 */
export function readQuantity(value: unknown, what: string): number {
  const number = typeof value === 'string' && /^0x[0-9a-fA-F]{1,16}$/.test(value) ? Number(value) : Number.NaN
  return Number.isSafeInteger(number) ? number : invalid(what, 'a hexadecimal quantity below 2^53')
}

/**
 * Fields of a JSON object.
 * @throws FieldproofError `rpc-invalid`
 */
export function readObject(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return invalid(what, 'an object')
  return value as Record<string, unknown>
}

/** @throws FieldproofError `rpc-invalid`, always */
export function invalid(what: string, want: string): never {
  throw new FieldproofError('rpc-invalid', `${what}: want ${want}`, { facts: { part: what } })
}
