import { describe, expect, test } from 'vitest'
import type { PinChange } from '../../src/avr/index.ts'
import { createRig, replyOf, toGroups, VALVE_PIN } from './rig.ts'

const OPEN = 0x05

describe('the valve', () => {
  test('is closed by the watchdog when interrupts starve the timer that would close it (BOARD-13)', () => {
    const rig = createRig()
    rig.feature(OPEN, toGroups(500, 4))
    const changes: PinChange[] = []
    rig.uno.onPin(VALVE_PIN, (change) => changes.push(change))
    const { uno } = rig
    const startMs = uno.nowMs()
    const noise = (): void => {
      uno.setPin(2, !uno.level(2))
      if (uno.nowMs() < startMs + 2600) uno.at(uno.nowMs() + 0.003, noise)
    }
    uno.at(startMs, noise)
    uno.run(2700)
    const [closed] = changes
    expect(closed?.level).toBe(false)
    expect((closed?.ms ?? 0) - startMs).toBeLessThan(2500)
    const causes = rig.feature(0).map(({ payload }) => payload[22])
    expect(causes).toEqual([8])
    expect(rig.messages.flatMap((message) => replyOf(message) ?? []).at(-1)?.boardMs).toBeLessThan(1000)
  })
})
