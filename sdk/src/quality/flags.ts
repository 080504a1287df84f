/**
 * Quality flags of QARTOD (IOOS, "Manual for Real-Time Quality Control"): a flag stands beside a value and never changes it.
 * The flags of a row travel as one integer, a decimal digit a value, so that people read them as they are: 111911.
 */
import { FieldproofError } from '../base/index.ts'

/** 1 pass, 2 not evaluated, 3 suspect, 4 fail, 9 missing. */
export type Flag = 1 | 2 | 3 | 4 | 9

/** Values whose flags fit one integer of a row: 15 digits stay below 2^52. */
export const MAX_PACKED_FLAGS = 15

/** What a test said, the worst last. 9 is no test's word: a missing value is tested by nothing. */
const ORDER: readonly Flag[] = [2, 1, 3, 4, 9]

/** The flag of a value on which several tests have spoken: fail, else suspect, else pass, else not evaluated. */
export function worstFlag(a: Flag, b: Flag): Flag {
  return ORDER.indexOf(a) > ORDER.indexOf(b) ? a : b
}

/**
 * Flags as one integer, the first value's flag as its highest digit.
 * @param flags 1 to 15
 * @throws FieldproofError `out-of-range`
 */
export function packFlags(flags: readonly Flag[]): number {
  if (flags.length === 0 || flags.length > MAX_PACKED_FLAGS) {
    throw new FieldproofError('out-of-range', `1 to ${MAX_PACKED_FLAGS} flags, not ${flags.length}`)
  }
  return flags.reduce((packed, flag) => packed * 10 + expectFlag(flag), 0)
}

/**
 * Inverse of {@link packFlags}, on what a row holds. No flag is 0, so the number of digits is the number of flags.
 * @throws FieldproofError `out-of-range` for anything but 1 to 15 digits that are flags
 */
export function unpackFlags(packed: number): Flag[] {
  if (!Number.isInteger(packed) || packed < 1 || packed >= 10 ** MAX_PACKED_FLAGS) {
    throw new FieldproofError('out-of-range', `flags: want 1 to ${MAX_PACKED_FLAGS} decimal digits`)
  }
  return Array.from(String(packed), (digit) => expectFlag(Number(digit)))
}

function expectFlag(flag: number): Flag {
  if (flag === 1 || flag === 2 || flag === 3 || flag === 4 || flag === 9) return flag
  throw new FieldproofError('out-of-range', `${flag} is no quality flag: want 1, 2, 3, 4 or 9`)
}
