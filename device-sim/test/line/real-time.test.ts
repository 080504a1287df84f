import { describe, expect, test } from 'vitest'
import { paceUno } from '../../src/line/index.ts'
import { createModelUno } from '../../src/model/index.ts'

/** A wall clock whose turns come late by what the test says. */
function createWall(): {
  readonly pass: (ms: number) => void
  readonly clock: Parameters<typeof paceUno>[1]
  nowMs: number
} {
  let waiting: { atMs: number; action: () => void }[] = []
  const wall = {
    nowMs: 5000,
    clock: {
      nowMs: () => wall.nowMs,
      after: (ms: number, action: () => void) => {
        waiting.push({ atMs: wall.nowMs + ms, action })
      },
    },
    /** Time goes on, and then everything runs that was due. */
    pass: (ms: number) => {
      wall.nowMs += ms
      for (let turns = 0; turns < 1000; turns++) {
        const due = waiting.filter(({ atMs }) => atMs <= wall.nowMs)
        waiting = waiting.filter(({ atMs }) => atMs > wall.nowMs)
        if (due.length === 0) return
        for (const { action } of due) action()
      }
      throw new Error('a turn that never ends')
    },
  }
  return wall
}

describe('an Uno at the pace of the wall clock', () => {
  test('does not drift, however late its turns come', () => {
    const wall = createWall()
    const uno = createModelUno()
    const pace = paceUno(uno, wall.clock, () => {})
    for (let i = 0; i < 400; i++) wall.pass(1 + ((i * 37) % 97))
    expect(uno.nowMs()).toBeCloseTo(wall.nowMs - 5000, 3)
    expect(pace.lostMs()).toBe(0)
  })

  test('makes up for a late turn in parts, between which the thread does other things', () => {
    const wall = createWall()
    const uno = createModelUno()
    const turns: number[] = []
    paceUno(uno, wall.clock, () => turns.push(uno.nowMs()))
    wall.pass(900)
    const steps = turns.map((ms, i) => ms - (turns[i - 1] ?? 0))
    expect(Math.max(...steps)).toBeLessThanOrEqual(50.001)
    expect(uno.nowMs()).toBeCloseTo(900, 3)
  })

  test('gives up time of more than a second instead of racing after it, and says how much', () => {
    const wall = createWall()
    const uno = createModelUno()
    const pace = paceUno(uno, wall.clock, () => {})
    wall.pass(60_000)
    expect(uno.nowMs() + pace.lostMs()).toBeCloseTo(60_000, 3)
    expect(uno.nowMs()).toBeLessThan(100)
    wall.pass(10)
    expect(uno.nowMs() + pace.lostMs()).toBeCloseTo(60_010, 3)
  })

  test('stands still when it is stopped', () => {
    const wall = createWall()
    const uno = createModelUno()
    const pace = paceUno(uno, wall.clock, () => {})
    wall.pass(100)
    pace.stop()
    wall.pass(100)
    expect(uno.nowMs()).toBeCloseTo(100, 3)
  })
})
