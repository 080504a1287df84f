/** The program that is not ours and is shipped: users without the development packages play `wrong-firmware` with it. */
import { expect, it } from 'vitest'
import { createUno } from '../../src/avr/index.ts'
import { runInThread } from '../../src/lab/index.ts'
import { strangerHex } from '../../src/lab/stranger.ts'
import type { PlayedScenario } from '../../src/scenarios/run-job.ts'

it.each([
  ['its version', [0xf9], [0xf9, 0x02, 0x05]],
  [
    'its name',
    [0xf0, 0x79, 0xf7],
    [0xf0, 0x79, 0x02, 0x05, ...[...'Blink'].flatMap((c) => [c.charCodeAt(0), 0]), 0xf7],
  ],
  ['its pins', [0xf0, 0x6b, 0xf7], [0xf0, 0x6c, 0x00, 0x01, 0x01, 0x01, 0x7f, 0xf7]],
  ['its analog channels', [0xf0, 0x69, 0xf7], [0xf0, 0x6a, 0x7f, 0xf7]],
  ['nothing of our feature', [0xf0, 0x01, 0x00, 0xf7], []],
])('says %s when it is asked, and nothing by itself', (_, question, answer) => {
  const uno = createUno({ hex: strangerHex() })
  const heard: number[] = []
  uno.onSerial(({ byte }) => heard.push(byte))
  uno.run(20)
  expect(heard).toEqual([])
  uno.send(Uint8Array.from(question))
  uno.run(20)
  expect(heard).toEqual(answer)
})

it('is refused by a station until our firmware is flashed', { timeout: 90_000 }, async () => {
  const plant = new URL('../lab/planted/stranger.mjs', import.meta.url).href
  const job = { kind: 'scenario', name: 'wrong-firmware', seed: 1, plant } as const
  const { result, journal } = (await runInThread(job)) as PlayedScenario
  expect(journal.join()).toMatch(/board up, connection 1: Blink/)
  expect(result).toMatchObject({ findings: [], rows: { false: 0 } })
})
