/**
 * The exponential function from + - * / alone, which every platform computes to the last bit; the one that comes with
 * JavaScript may differ in it.
 */

const HALVINGS = 10
/** Of the series at a 1024th of the argument, where each is at least 25 times smaller than the one before. */
const TERMS = 8
/** Below this the result is taken as 0. */
const LEAST = -40

/** e to the power of `x`, for x <= 40, to a relative error of 1e-12. */
export function exponential(x: number): number {
  if (x < LEAST) return 0
  const y = x / 1024 // 2 to the power of HALVINGS, so the division is exact
  let value = 1
  for (let term = TERMS; term >= 1; term--) value = 1 + (y / term) * value
  for (let i = 0; i < HALVINGS; i++) value *= value
  return value
}
