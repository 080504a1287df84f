import { describe, expect, it } from 'vitest'
import { utf8 } from '../../src/base/index.ts'
import {
  createMemoryDisk,
  type DurableStep,
  openMemoryOutbox,
  outboxContract,
  type StepFate,
} from '../../src/testing/index.ts'

outboxContract({ describe, it, expect }, 'memory', async () => {
  const disk = createMemoryDisk()
  return { open: (bounds = {}) => openMemoryOutbox({ disk, ...bounds }) }
})

describe('memory outbox', () => {
  it('keeps what was durable when the power is cut, and refuses the dead process', async () => {
    const disk = createMemoryDisk()
    const dead = await openMemoryOutbox({ disk })
    await dead.putStream('a1', utf8('definition'))
    await dead.appendRows('a1', [utf8('row')])
    disk.cutPower()
    const next = await openMemoryOutbox({ disk })
    expect(await next.usage()).toMatchObject({ rows: 1 })
    await expect(dead.appendRows('a1', [utf8('late')])).rejects.toMatchObject({ code: 'machine-stopped' })
    await dead.close()
    expect(await next.usage()).toMatchObject({ rows: 1 })
  })

  it('fails a step before or after it is durable, as it is told', async () => {
    let fate: StepFate = 'done'
    const asked: DurableStep[] = []
    const outbox = await openMemoryOutbox({
      fate(step) {
        asked.push(step)
        return fate
      },
    })
    await outbox.putStream('a1', utf8('definition'))
    fate = 'not-done'
    await expect(outbox.appendRows('a1', [utf8('1')])).rejects.toMatchObject({ code: 'outbox-failed' })
    expect(await outbox.pendingCount('a1')).toBe(0)
    fate = 'done-but-failed'
    await expect(outbox.appendRows('a1', [utf8('1')])).rejects.toMatchObject({ code: 'outbox-failed' })
    expect(await outbox.pendingCount('a1')).toBe(1)
    expect(asked).toEqual(['putStream', 'appendRows', 'appendRows'])
  })
})
