/** `fieldproof init`: what this package does itself, and what it leaves to the package of the boards. */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { run } from './cli-kit.ts'

const root = mkdtempSync(join(tmpdir(), 'init-command-'))
const log = join(root, 'log')
const before = process.env['PATH']

beforeAll(() => {
  const program = join(root, 'fieldproof-init')
  writeFileSync(program, `#!/bin/sh\necho "$*" > '${log}'\nexit 7\n`)
  chmodSync(program, 0o755)
  process.env['PATH'] = `${root}${delimiter}${before}`
})
afterAll(() => {
  process.env['PATH'] = before
  rmSync(root, { recursive: true })
})

describe('fieldproof init', () => {
  it.each([['--station', 'weather-station'], ['--port', '/dev/ttyACM0'], ['--owner=0x12']])(
    'leaves a station with a board to fieldproof-init, arguments and exit code: %s',
    async (...args) => {
      expect((await run('init', 'porch', ...args)).code).toBe(7)
      expect(readFileSync(log, 'utf8')).toBe(`porch ${args.join(' ')}\n`)
    },
  )

  it('leaves a folder that has a board to it, too, when a gateway is added', async () => {
    const dir = join(root, 'porch')
    mkdirSync(dir)
    writeFileSync(join(dir, 'station.yaml'), '')
    expect((await run('init', dir, '--gateway', 'http://127.0.0.1:1')).code).toBe(7)
    expect(readFileSync(log, 'utf8')).toContain('--gateway http://127.0.0.1:1')
  })

  it('makes a station of its own with a gateway, as ever, and nothing when there is none', async () => {
    rmSync(log, { force: true })
    const dir = join(root, 'own')
    const { code, err } = await run('init', dir, '--gateway', 'http://127.0.0.1:1')
    expect([code, err]).toEqual([1, expect.stringContaining('link-failed')])
    expect([existsSync(dir), existsSync(log)]).toEqual([false, false])
  })

  it('says what to pass where nobody can be asked', async () => {
    const { code, err } = await run('init', join(root, 'nothing'))
    expect([code, err]).toEqual([2, expect.stringContaining('want --gateway URL, or --station NAME')])
  })
})
