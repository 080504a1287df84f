/**
 * Random numbers that can be asked for in any order: the n-th number of a key is a pure function of both, so weather at
 * one instant does not depend on which instants were asked for before. SplitMix32: a Weyl sequence of step 0x9e3779b9
 * through the 32-bit finaliser of MurmurHash3. Only 32-bit integer operations and exact divisions by powers of two, so
 * every platform draws the same. For weather only: nothing here is fit for keys.
 */

/** Key of one stream of random numbers: an unsigned 32-bit integer. */
export type Key = number

const GOLDEN = 0x9e3779b9
const INV_2_32 = 1 / 2 ** 32

/** Finaliser of MurmurHash3_x86_32: a bijection on unsigned 32-bit integers. */
export function mix32(value: number): number {
  let h = value | 0
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

/** The n-th unsigned 32-bit integer of a key; `n` is an integer, taken modulo 2^32. */
export function draw32(key: Key, n: number): number {
  return mix32(key + Math.imul((n + 1) | 0, GOLDEN))
}

/** The n-th number of a key, uniform in [0, 1), a multiple of 2^-32. */
export function uniform(key: Key, n: number): number {
  return draw32(key, n) * INV_2_32
}

/**
 * The n-th number of a key with mean 0 and standard deviation 1: twelve uniform numbers less six (Irwin-Hall), which is
 * within 0.01 of the normal distribution and never beyond 6. No logarithm or cosine, whose last bits differ between
 * platforms.
 */
export function bell(key: Key, n: number): number {
  let sum = -6
  for (let i = 0; i < 12; i++) sum += uniform(key, n * 12 + i)
  return sum
}

/** A key made of another key and a label (a text or an integer below 2^53), so that streams do not overlap by design. */
export function subkey(key: Key, label: string | number): Key {
  if (typeof label === 'number') {
    const high = Math.floor(label / 2 ** 32)
    return draw32(draw32(key ^ 0x5bd1e995, high), label % 2 ** 32)
  }
  let k = draw32(key, label.length)
  for (let i = 0; i < label.length; i++) k = draw32(k, label.charCodeAt(i))
  return k
}

/**
 * A smooth random curve in [-1, 1]: random values at every multiple of `periodMs`, eased between them.
 * @param timeMs recorded time, ms
 */
export function smoothNoise(key: Key, timeMs: number, periodMs: number): number {
  const cell = Math.floor(timeMs / periodMs)
  const a = 2 * uniform(key, cell) - 1
  const b = 2 * uniform(key, cell + 1) - 1
  return a + (b - a) * ease((timeMs - cell * periodMs) / periodMs)
}

/** Smooth step 3x^2 - 2x^3: 0 at 0, 1 at 1, level at both ends; `x` beyond them counts as the end. */
export function ease(x: number): number {
  const c = Math.min(1, Math.max(0, x))
  return c * c * (3 - 2 * c)
}
