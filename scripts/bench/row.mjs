/**
 * One row of the bench table. `ratio` compares `value` with `limit`, which is measured in the same run on the same machine,
 * because absolute times mean nothing on shared hardware. `gate` is 0.7 of the target (exact for bytes and gas).
 */

/**
 * @typedef {object} BenchRow
 * @property {string} name
 * @property {number} value
 * @property {string} unit
 * @property {number} limit what the value is compared with: a physical limit, a peer, or the budget itself
 * @property {number} ratio value / limit
 * @property {number} target wanted ratio (or value, when the limit is the budget)
 * @property {number} gate ratio at which CI fails
 * @property {boolean} met the gate
 * @property {boolean} targetMet
 */

/**
 * @param {{ name: string, value: number, unit: string, limit: number, target: number, higherIsBetter: boolean, exact?: boolean }} row
 * @returns {BenchRow}
 */
export function benchRow({ name, value, unit, limit, target, higherIsBetter, exact = false }) {
  const ratio = value / limit
  const gate = exact ? target : higherIsBetter ? target * 0.7 : target / 0.7
  const meets = (/** @type {number} */ bar) => (higherIsBetter ? ratio >= bar : ratio <= bar)
  return { name, value, unit, limit, ratio, gate, target, met: meets(gate), targetMet: meets(target) }
}

/**
 * Median of several runs.
 * @param {readonly number[]} values
 */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[sorted.length >> 1] ?? Number.NaN
}

/**
 * Operations a second of `openssl speed`, on one core.
 * @param {string[]} args
 * @param {RegExp} pattern its first group is the rate
 */
export async function opensslSpeed(args, pattern) {
  const { execFileSync } = await import('node:child_process')
  const output = execFileSync('openssl', ['speed', '-seconds', '1', ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const rate = Number(pattern.exec(output)?.[1])
  if (!(rate > 0)) throw new Error(`openssl speed ${args.join(' ')} printed no rate`)
  return rate
}
