/** The example on an emulated board, as a process of its own. Needs python3. */
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BOARD_SCENE } from '@fieldproof/device-sim'
import { onPty, startUnoThread } from '@fieldproof/device-sim/line'
import { expect, it } from 'vitest'

const STATION = new URL('../station.js', import.meta.url).pathname

it('measures, signs and ends', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'fieldproof-light-'))
  const now = Date.now()
  const data = { station: 'weather-station', seed: 1, startDate: '2014-03-01', startedAt: now, now, pace: 1 }
  const board = await startUnoThread({ scene: BOARD_SCENE, data })
  const pty = await onPty(board)
  const child = spawn(process.execPath, [STATION, pty.path(), join(dir, 'light')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = new Promise((resolve) => child.once('exit', resolve))
  let out = ''
  child.stdout.on('data', (chunk) => {
    out += String(chunk)
  })
  await expect.poll(() => out, { timeout: 40_000 }).toContain('"event":"batch-signed","stream":"light"')
  child.kill('SIGTERM')
  expect(await exited).toBe(0)
  const rows = out.split('\n').filter((line) => line.includes('"event":"row"'))
  expect(JSON.parse(rows[0] ?? '{}')).toMatchObject({ stream: 'light', reading: { lightRaw: expect.any(Number) } })
  await pty.close()
  await board.close()
  await rm(dir, { recursive: true })
})
