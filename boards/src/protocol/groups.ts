/**
 * Numbers and bytes in groups of 7 bits, the lowest first, because a data byte on the line has no eighth bit (08-board, Numbers).
 * Reading is total: whatever stands there is a value or `board-message-invalid`.
 */
import { FieldproofError } from '@fieldproof/sdk/base'

/** A message from the line that is not what the page says. */
export function invalidMessage(detail: string): FieldproofError {
  return new FieldproofError('board-message-invalid', detail)
}

/**
 * A number from 0 to 2^(7 * groups) - 1 in that many groups, 1 to 7.
 * @throws FieldproofError `out-of-range` when it does not fit or is no integer
 */
export function encodeNumber(value: number, groups: number): number[] {
  if (!Number.isSafeInteger(value) || value < 0 || value >= 128 ** groups) {
    throw new FieldproofError('out-of-range', `${value} does not fit ${groups} groups`, { facts: { value, groups } })
  }
  return Array.from({ length: groups }, (_, i) => Math.floor(value / 128 ** i) % 128)
}

/** The number that these groups make; at most 7 of them, which fit 53 bits. */
export function decodeNumber(groups: Iterable<number>): number {
  let value = 0
  let weight = 1
  for (const group of groups) {
    value += group * weight
    weight *= 128
  }
  return value
}

/** A byte string, two groups a byte. */
export function encodeBytes(bytes: Uint8Array): number[] {
  return Array.from(bytes).flatMap((byte) => [byte & 0x7f, byte >> 7])
}

/** Takes values off the front of the data bytes of a message. */
export interface GroupReader {
  /**
   * The next number.
   * @throws FieldproofError `board-message-invalid` when the message ends before, or the number is above `max`
   */
  readonly number: (groups: number, max?: number) => number
  /**
   * The next `count` bytes, two groups each.
   * @throws FieldproofError `board-message-invalid` when the message ends before, or a pair is above 255
   */
  readonly bytes: (count: number) => Uint8Array
  /** Groups that are left. */
  readonly left: () => number
  /** @throws FieldproofError `board-message-invalid` when something is left */
  readonly end: () => void
}

/** Reads `data`, whose bytes may be anything. */
export function createGroupReader(data: Uint8Array): GroupReader {
  let at = 0
  const left = (): number => data.length - at
  const number = (groups: number, max: number = Number.MAX_SAFE_INTEGER): number => {
    if (left() < groups) throw invalidMessage(`ends ${groups - left()} bytes too early`)
    const part = data.subarray(at, at + groups)
    if (part.some((group) => group > 0x7f)) throw invalidMessage('a data byte has its eighth bit set')
    at += groups
    const value = decodeNumber(part)
    if (value > max) throw invalidMessage(`${value} stands where at most ${max} may`)
    return value
  }
  return {
    number,
    bytes: (count) => Uint8Array.from({ length: count }, () => number(2, 0xff)),
    left,
    end: () => {
      if (left() > 0) throw invalidMessage(`${left()} bytes too many`)
    },
  }
}
