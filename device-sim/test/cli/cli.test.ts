import { describe, expect, it } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { progressOn } from '../../src/cli/progress.ts'
import { PLAYABLE } from '../../src/scenarios/index.ts'

interface Outcome {
  readonly exitCode: number
  readonly out: readonly string[]
  readonly err: readonly string[]
}

async function sim(...args: string[]): Promise<Outcome> {
  const out: string[] = []
  const err: string[] = []
  const context = { print: (text: string) => out.push(text), error: (text: string) => err.push(text) }
  const silent = progressOn({ write: () => undefined })
  const exitCode = await main(args, { ...context, colours: false, now: () => 0 }, silent)
  return { exitCode, out, err }
}

describe('fieldproof sim', { timeout: 90_000 }, () => {
  it('lists every scenario, for people and as JSON lines', async () => {
    const { exitCode, out } = await sim('--list')
    expect(exitCode).toBe(0)
    expect(out.join('\n').split('\n')).toHaveLength(PLAYABLE.length)
    const json = await sim('--list', '--json')
    expect(json.out.map((line) => JSON.parse(line))).toEqual(PLAYABLE)
  })

  it('plays a scenario and prints one JSON document', async () => {
    const { exitCode, out } = await sim('--scenario', 'bmp280', '--seed', '7', '--json')
    expect(exitCode).toBe(0)
    expect(out).toHaveLength(1)
    expect(JSON.parse(out[0] ?? '')).toMatchObject({ scenario: 'bmp280', seed: 7, ok: true, rows: { false: 0 } })
  })

  it('tells a person what happened and what came of it', async () => {
    const { out } = await sim('--scenario', 'bmp280')
    expect(out[0]).toMatch(/fault begins: air: sensor-mismatch/)
    expect(out[0]).toMatch(/^ok: \d+ rows signed in \d+ batches; 0 false/m)
  })

  it('prints the rows of a station, and how many of them are false', async () => {
    const { exitCode, out } = await sim('--station', 'irrigation-station', '--for', '25', '--json')
    expect(exitCode).toBe(0)
    const lines = out.map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(lines.slice(0, -1).map(({ stream }) => stream)).toEqual(['irrigation', 'irrigation', 'irrigation'])
    expect(lines.at(-1)).toMatchObject({ station: 'irrigation-station', rows: 3, false: 0 })
  })

  it.each([
    ['an unknown scenario', ['--scenario', 'nothing']],
    ['an unknown station', ['--station', 'nothing']],
    ['an unknown option', ['--nothing']],
    ['two things at once', ['--list', '--all']],
    ['a seed that is no number', ['--scenario', 'hung', '--seed', 'x']],
    ['a time without a station', ['--all', '--for', '10']],
    ['no time at all', ['--station', 'weather-station', '--for', '0']],
  ])('could not try %s: exit code 2', async (_, args) => {
    const { exitCode, out, err } = await sim(...args)
    expect(exitCode).toBe(2)
    expect(out).toEqual([])
    expect(err).toHaveLength(1)
    const json = await sim(...args, '--json')
    expect(JSON.parse(json.err[0] ?? '')).toMatchObject({ error: { code: 'usage' } })
  })

  it('says how it is used when nothing is asked', async () => {
    expect(await sim()).toMatchObject({ exitCode: 0, err: [] })
    expect((await sim('--help')).out[0]).toMatch(/--scenario NAME/)
  })

  it('shows progress only on a terminal', () => {
    const written: string[] = []
    const write = (text: string): number => written.push(text)
    progressOn({ write }).show('hung', 1_000)
    expect(written).toEqual([])
    progressOn({ isTTY: true, write }).show('hung', 1_400)
    expect(written.join('')).toMatch(/hung: 1 s/)
  })
})
