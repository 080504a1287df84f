/** `fieldproof sim --pty`: a program opens the path, and a weather station answers. Needs python3. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectBoard } from '@fieldproof/boards'
import { serialPortLine } from '@fieldproof/boards/line'
import { systemClock } from '@fieldproof/sdk/node'
import { expect, it } from 'vitest'
import { main } from '../../src/cli/main.ts'

it('serves a board at a path until it is told to stop', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'fieldproof-pty-'))
  const link = join(dir, 'uno')
  let stop = (): void => undefined
  const stopped = new Promise<void>((resolve) => {
    stop = resolve
  })
  const printed: string[] = []
  const served = new Promise<void>((resolve) => {
    const print = (text: string): void => {
      printed.push(text)
      resolve()
    }
    const context = { print, error: print, colours: false, now: () => Date.now() }
    const progress = { show: () => undefined, clear: () => undefined }
    const args = ['--pty', 'weather-station', '--link', link, '--json']
    void main(args, context, progress, () => stopped).then((code) => printed.push(`exit ${code}`))
  })
  await served
  expect(JSON.parse(printed[0] ?? '')).toEqual({ event: 'board-served', station: 'weather-station', path: link })
  const board = await connectBoard({ open: serialPortLine(link), clock: systemClock(), epoch: 1 })
  expect([...(await board.session.i2cRead(0x76, 0xd0, 1))]).toEqual([0x60])
  await board.close()
  stop()
  await expect.poll(() => printed.at(-1)).toBe('exit 0')
  await rm(dir, { recursive: true, force: true })
})
