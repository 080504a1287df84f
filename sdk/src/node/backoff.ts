/** How long to wait before the next try, so that a fleet does not come back all at once after a broker's restart. */

/** Bounds of {@link backoffMs}, in milliseconds. */
export interface Backoff {
  readonly minMs: number
  readonly maxMs: number
}

/**
 * Wait before try number `failures` + 1: between half and all of minMs · 2^(failures - 1), at most maxMs.
 * @param failures tries that have failed in a row, from 1
 * @param random in [0, 1)
 */
export function backoffMs(failures: number, random: number, { minMs, maxMs }: Backoff): number {
  const ceiling = Math.min(maxMs, minMs * 2 ** Math.min(failures - 1, 30))
  return ceiling / 2 + (random * ceiling) / 2
}
