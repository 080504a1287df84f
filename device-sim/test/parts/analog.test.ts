import { describe, expect, test } from 'vitest'
import { soilProbe, vaneVolts, windVane } from '../../src/parts/index.ts'
import { createRig, type Rig } from '../avr/rig.ts'

/** Nominal counts of a 10-bit converter, 10 kΩ pull-up, from north on in steps of 22.5 degrees. */
const VANE_COUNTS = [785, 406, 461, 84, 93, 66, 184, 126, 287, 244, 630, 599, 944, 827, 886, 702]
const RAIL = 1023

/** Latest value that the firmware reports of a channel. */
function reported(rig: Rig, channel: number): number {
  const report = rig.ask([0xc0 | channel, 1], 60).findLast(({ bytes }) => bytes[0] === (0xe0 | channel))
  rig.ask([0xc0 | channel, 0])
  return (report?.bytes[1] ?? Number.NaN) + 128 * (report?.bytes[2] ?? Number.NaN)
}

describe('the wind vane', () => {
  test('has sixteen positions out of eight resistors, as its data sheet lists them', () => {
    const rig = createRig()
    let degrees = 0
    const vane = windVane({ windDirection: () => degrees })
    vane.connect(rig.uno)
    for (const [position, counts] of VANE_COUNTS.entries()) {
      degrees = position * 22.5 + 5
      expect(Math.abs((vaneVolts(position) / 5) * 1023 - counts), `${degrees}`).toBeLessThanOrEqual(0.6)
      rig.uno.run(50)
      expect(Math.abs(reported(rig, 0) - counts), `${degrees}`).toBeLessThanOrEqual(1)
      expect(vane.truth.latest('direction')?.value).toBe(position * 22.5)
    }
  })

  test('shows two resistors in parallel while it turns from one contact to the next', () => {
    const rig = createRig()
    const vane = windVane({ windDirection: (ms) => Math.min(45, Math.max(0, (ms - 100) / 10)) })
    vane.connect(rig.uno)
    rig.uno.run(800)
    expect(vane.truth.entries().map(({ value }) => value)).toEqual([0, 22.5, 45])
  })

  test('takes any number of degrees', () => {
    const rig = createRig()
    let degrees = 0
    const vane = windVane({ windDirection: () => degrees })
    vane.connect(rig.uno)
    for (const [given, said] of [
      [-22.5, 337.5],
      [355, 0],
      [-719, 0],
      [765, 45],
    ] as const) {
      degrees = given
      rig.uno.run(50)
      expect(vane.truth.latest('direction')?.value).toBe(said)
    }
  })

  test('is at the rail when unplugged, stays where it froze, and goes on', () => {
    const rig = createRig()
    let degrees = 90
    const vane = windVane({ windDirection: () => degrees })
    vane.connect(rig.uno)
    vane.fail('unplugged')
    expect(reported(rig, 0)).toBe(RAIL)
    expect(vane.truth.latest('direction')?.value).toBeNull()
    vane.fail(undefined)
    vane.fail('frozen')
    degrees = 180
    rig.uno.run(50)
    expect(Math.abs(reported(rig, 0) - 93)).toBeLessThanOrEqual(1)
    vane.fail(undefined)
    expect(Math.abs(reported(rig, 0) - 287)).toBeLessThanOrEqual(1)
  })
})

describe('a soil probe', () => {
  test('falls from its dry counts to its wet ones, and says what the board converts', () => {
    const rig = createRig()
    let wetness = 0
    const probes = [
      soilProbe({ wetness: () => wetness, channel: 1 }),
      soilProbe({ wetness: () => wetness, channel: 2, dryCounts: 540, wetCounts: 281 }),
    ]
    for (const probe of probes) probe.connect(rig.uno)
    for (const [wet, first, second] of [
      [-1, 520, 540],
      [0.5, 390, 410],
      [1, 260, 281],
      [2, 260, 281],
    ] as const) {
      wetness = wet
      rig.uno.run(100)
      for (const [i, counts] of [first, second].entries()) {
        const value = reported(rig, i + 1)
        expect(Math.abs(value - counts)).toBeLessThanOrEqual(1)
        expect(probes[i]?.truth.entries().some((said) => said.value === value)).toBe(true)
      }
    }
  })

  test('broken says nothing: a rail, ground, or whatever the pin picks up', () => {
    const rig = createRig()
    const probe = soilProbe({ wetness: () => 0.5, channel: 1 })
    probe.connect(rig.uno)
    probe.fail('rail')
    expect(reported(rig, 1)).toBe(RAIL)
    probe.fail('ground')
    expect(reported(rig, 1)).toBe(0)
    probe.fail('floating')
    const values = Array.from({ length: 6 }, () => {
      rig.uno.run(100)
      return reported(rig, 1)
    })
    expect(Math.max(...values) - Math.min(...values)).toBeGreaterThan(200)
    expect(probe.truth.latest('counts')?.value).toBeNull()
    probe.fail(undefined)
    expect(Math.abs(reported(rig, 1) - 390)).toBeLessThanOrEqual(1)
  })

  test('frozen says the same for ever', () => {
    const rig = createRig()
    let wetness = 0
    const probe = soilProbe({ wetness: () => wetness, channel: 1 })
    probe.connect(rig.uno)
    probe.fail('frozen')
    const before = reported(rig, 1)
    wetness = 1
    rig.uno.run(500)
    expect(reported(rig, 1)).toBe(before)
  })
})
