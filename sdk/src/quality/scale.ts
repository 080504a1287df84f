/**
 * Limits in the scale of a column. Powers of ten are applied to the decimal text of a number and not to the number: the result
 * is the nearest one there is, and the same on every platform, so flags can be recomputed by anyone.
 */

/** A real number as a multiple of 10^exponent, such as 0.29 with -2: exactly 29 (0.29 * 100 is not). */
export function scaled(real: number, exponent: number): number {
  const [digits = '', tens = '0'] = String(real).split('e')
  return Number(`${digits}e${Number(tens) - exponent}`)
}

/** Distance of two values; on a circle of this period the short way round. */
export function distance(a: number, b: number, period: number | undefined): number {
  return Math.abs(offset(a, b, period))
}

/** How far `to` is from `from`, with a sign; on a circle within half a period. */
export function offset(from: number, to: number, period: number | undefined): number {
  const plain = to - from
  if (period === undefined) return plain
  const once = plain % period
  if (once > period / 2) return once - period
  return once < -period / 2 ? once + period : once
}
