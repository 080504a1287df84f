/** Names for units that appear across interfaces. Numbers always say their unit in their own name (`intervalMs`). */

/** Milliseconds since 1970-01-01T00:00:00Z, an integer below 2^48. */
export type UnixMs = number
/** Seconds since 1970-01-01T00:00:00Z, an integer. */
export type UnixSeconds = number

/** Largest time that a row may carry, exclusive: 2^48 ms, in the year 10889. */
export const MAX_TIME_MS: number = 2 ** 48
/** Largest magnitude of an integer value: 2^52 - 1, so that the difference of two values still fits 2^53 - 1. */
export const MAX_VALUE: number = 2 ** 52 - 1
