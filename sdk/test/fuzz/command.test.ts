/** `npm run fuzz` and `npm run soak` never succeed by doing nothing. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { Target } from './engine.ts'
import { runFuzz } from './run.ts'

/** Runs a script of the repository; an endless one is cut off, and then has no exit code. */
function script(name: string, ...args: string[]): { status: number | null; out: string; err: string } {
  const path = fileURLToPath(new URL(`../../../scripts/${name}.mjs`, import.meta.url))
  const ran = spawnSync(process.execPath, [path, ...args], { encoding: 'utf8', timeout: 25_000 })
  return { status: ran.status, out: ran.stdout, err: ran.stderr }
}

describe('options of the scripts', () => {
  it.each([
    ['fuzz', '--runs', 'abc'],
    ['fuzz', '--runs', '0'],
    ['fuzz', '--runs', '1e3'],
    ['fuzz', '--runs', ''],
    ['fuzz', '--seed', '0x1'],
    ['soak', '--minutes', 'abc'],
    ['soak', '--minutes', '0'],
    ['soak', '--minutes', 'Infinity'],
    ['soak', '--seed', 'abc'],
  ])('%s refuses %s %j, says what it wants, and does nothing', (name, option, value) => {
    const { status, out, err } = script(name, option, value)
    expect({ status, out }).toEqual({ status: 2, out: '' })
    expect(err).toContain(`${option}: want `)
    expect(err).toContain(JSON.stringify(value))
  })

  it('fuzz exits 1 when no decoder has the name', () => {
    expect(script('fuzz', '--only', 'no such decoder').status).toBe(1)
  })

  it('fuzz exits 0 when decoders held on some inputs, and says on how many', () => {
    const { status, out } = script('fuzz', '--runs', '1', '--only', 'topic')
    expect(status).toBe(0)
    expect(out).toMatch(/\n[1-9][0-9]* inputs, [1-9]/)
  })
})

describe('a run over decoders', () => {
  const target: Target = { name: 'anything', form: 'bytes', samples: [Uint8Array.of(1)], run: () => undefined }

  it('has not held when there was no input', async () => {
    const lines: string[] = []
    const print = (line: string): number => lines.push(line)
    expect(await runFuzz([target], { seed: 1, runs: Number.NaN, print })).toBe(false)
    expect(lines.at(-1)).toContain('0 inputs')
    expect(await runFuzz([target], { seed: 1, runs: 1, print })).toBe(true)
  })
})
