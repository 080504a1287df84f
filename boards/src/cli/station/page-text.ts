/** Numbers as a person reads them. */

const STEPS = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'min'],
] as const

/** A length of time: `12 s`, `3 min`, `5 h`. */
export function ageText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  const step = STEPS.find(([size]) => seconds >= 2 * size)
  return step === undefined ? `${seconds} s` : `${Math.floor(seconds / step[0])} ${step[1]}`
}

/** An amount of bytes. */
export function bytesText(bytes: number): string {
  if (bytes < 10_000) return `${bytes} B`
  if (bytes < 10_000_000) return `${Math.round(bytes / 1000)} kB`
  return bytes < 10_000_000_000 ? `${Math.round(bytes / 1e6)} MB` : `${Math.round(bytes / 1e9)} GB`
}

/** A count and what is counted. */
export function countText(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}
