import { describe, expect, it } from 'vitest'
import { SPARKFUN_CIRCUIT, SPARKFUN_VANE, vaneCounts, vaneDegrees } from '../../src/derive/index.ts'

/** Degrees and reading on 10 bits under 10 kΩ. */
const TABLE = [
  [0, 785],
  [22.5, 406],
  [45, 461],
  [67.5, 84],
  [90, 93],
  [112.5, 66],
  [135, 184],
  [157.5, 126],
  [180, 287],
  [202.5, 244],
  [225, 630],
  [247.5, 599],
  [270, 944],
  [292.5, 827],
  [315, 886],
  [337.5, 702],
] as const

/** What the vane would be read as if the pull-up were this many ohms, at every position. */
function readAll(pullUpOhms: number): (readonly [degrees: number, read: number | null])[] {
  return SPARKFUN_VANE.map(({ degrees, ohms }) => {
    const counts = Math.round(vaneCounts(ohms, pullUpOhms, 1023))
    return [degrees, vaneDegrees(counts, SPARKFUN_CIRCUIT)]
  })
}

describe('a vane', () => {
  it('has the readings of the table', () => {
    const counts = SPARKFUN_VANE.map(({ degrees, ohms }) => [degrees, Math.round(vaneCounts(ohms, 10_000, 1023))])
    expect(counts).toEqual(TABLE)
  })

  it.each(TABLE)('says %d degrees at %d counts', (degrees, counts) => {
    expect(vaneDegrees(counts, SPARKFUN_CIRCUIT)).toBe(degrees)
  })

  it('is read rightly with a pull-up that is 5 % off', () => {
    for (const ohms of [9_500, 10_500]) for (const [degrees, read] of readAll(ohms)) expect(read).toBe(degrees)
  })

  it('is not trusted with a pull-up that is 20 % off: most positions are unknown', () => {
    for (const ohms of [8_000, 12_000]) {
      expect(readAll(ohms).filter(([, read]) => read === null).length).toBeGreaterThanOrEqual(8)
    }
  })

  it.each([0, 40, 105, 155, 330, 520, 660, 740, 855, 915, 970, 1023, Number.NaN])(
    'is unknown at %d counts',
    (counts) => {
      expect(vaneDegrees(counts, SPARKFUN_CIRCUIT)).toBeNull()
    },
  )

  it('is read on another converter with the same resistors', () => {
    const circuit = { ...SPARKFUN_CIRCUIT, pullUpOhms: 4_700, fullScale: 4095 }
    for (const { degrees, ohms } of SPARKFUN_VANE) {
      expect(vaneDegrees(Math.round(vaneCounts(ohms, 4_700, 4095)), circuit)).toBe(degrees)
    }
  })

  it('without positions is unknown', () => {
    expect(vaneDegrees(785, { ...SPARKFUN_CIRCUIT, positions: [] })).toBeNull()
  })
})
