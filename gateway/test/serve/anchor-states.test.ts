/** What strangers can make a gateway do when they ask for offline proofs. */
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { Recent } from '../../src/serve/recent.ts'
import { Turns } from '../../src/serve/turns.ts'
import { TestMachine } from '../gateway/machine-kit.ts'
import { HttpRig } from './http-kit.ts'

describe('a proof with the state', () => {
  let rig: HttpRig
  let other: TestMachine

  beforeEach(async () => {
    rig = await HttpRig.open()
    other = await rig.born(new TestMachine())
    await rig.log(rig.machine, 1)
  })

  const first = (): string => `/v1/place?at=${rig.machine.id}:1&form=state`

  async function anchorMany(count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      await rig.log(other, 1)
      await rig.anchorWithState([other])
    }
  }

  it('opens no evidence that does not cover its signers, and looks at 16 anchors at most', async () => {
    const covers = vi.spyOn(rig.store, 'anchorCover')
    const opened = vi.spyOn(rig.store, 'anchorEvidence')
    await anchorMany(20)
    await rig.expectProblem(first(), 404, 'state-unavailable')
    expect(covers).toHaveBeenCalledTimes(16)
    expect(opened).not.toHaveBeenCalled()
    await rig.expectProblem(first(), 404, 'state-unavailable')
    expect(covers).toHaveBeenCalledTimes(16)
  })

  it('recommends a proof with a transaction while there is one to be had', async () => {
    await anchorMany(1)
    const { detail } = (await (await rig.app.request(first())).json()) as { detail: string }
    expect(detail).toContain('form=transaction')
    expect((await rig.app.request(first().replace('state', 'transaction'))).status).toBe(200)
  })

  it('opens the evidence of an anchor once for many proofs', async () => {
    await rig.anchorWithState([rig.machine, other])
    const opened = vi.spyOn(rig.store, 'anchorEvidence')
    const one = await rig.fetched(first())
    expect(await Promise.all([first(), first()].map((path) => rig.fetched(path)))).toEqual([one, one])
    expect(opened).toHaveBeenCalledTimes(1)
  })

  it('lets others go first between two anchors', async () => {
    await anchorMany(5)
    let turns = 0
    let isDone = false
    const count = (): void => {
      turns++
      if (!isDone) setImmediate(count)
    }
    setImmediate(count)
    await rig.app.request(first())
    isDone = true
    expect(turns).toBeGreaterThanOrEqual(5)
  })

  it('is refused while 32 others are being made', async () => {
    await rig.anchorWithState([rig.machine])
    const answers = await Promise.all(Array.from({ length: 40 }, () => rig.app.request(first())))
    const statuses = answers.map(({ status }) => status)
    expect(statuses.filter((status) => status === 200)).toHaveLength(32)
    const busy = answers.filter(({ status }) => status === 503)
    expect(busy).toHaveLength(8)
    expect(await busy[0]?.json()).toMatchObject({ code: 'gateway-busy' })
    expect((await rig.app.request(first())).status).toBe(200)
  })
})

describe('turns', () => {
  it('run one task after the other, also after one that fails', async () => {
    const turns = new Turns(3)
    const said: string[] = []
    const task =
      (name: string, fails = false) =>
      async (): Promise<string> => {
        said.push(`${name} begins`)
        await new Promise((resolve) => setImmediate(resolve))
        said.push(`${name} ends`)
        if (fails) throw new Error(name)
        return name
      }
    const results = await Promise.allSettled([turns.run(task('a', true)), turns.run(task('b')), turns.run(task('c'))])
    expect(said).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends'])
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled'])
  })
})

describe('recent things', () => {
  it('are those that were asked for last, whatever they are', async () => {
    const recent = new Recent<number | null>(2)
    const made: string[] = []
    const ask = (name: string): Promise<number | null> =>
      recent.get(name, async () => {
        made.push(name)
        return name === 'none' ? null : made.length
      })
    expect([await ask('a'), await ask('none'), await ask('a'), await ask('none')]).toEqual([1, null, 1, null])
    await ask('b') // a goes
    await ask('none')
    await ask('a')
    expect(made).toEqual(['a', 'none', 'b', 'a'])
  })

  it('are not kept when they could not be made', async () => {
    const recent = new Recent<number>(2)
    const failing = async (): Promise<number> => Promise.reject(new Error('no'))
    await expect(recent.get('a', failing)).rejects.toThrow('no')
    expect(await recent.get('a', async () => 5)).toBe(5)
  })
})
