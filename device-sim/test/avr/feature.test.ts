import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { optibootHex } from '../../src/avr/index.ts'
import { createRig, HEX, identityOf, type Reply, type Rig, replyOf } from './rig.ts'

const IDENTITY = 0x00
const ERROR = 0x7f
const firmware = new URL('../../../boards/firmware/', import.meta.url)
const manifest = JSON.parse(readFileSync(new URL('manifest.json', firmware), 'utf8'))

function sha256(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

describe('identity', () => {
  test('names the build of the manifest, whose sources and hex are the committed ones (BOARD-6)', () => {
    const names = readdirSync(new URL('fieldproof/', firmware)).sort()
    const sources = Object.fromEntries(
      names.map((name) => [name, sha256(readFileSync(new URL(`fieldproof/${name}`, firmware)))]),
    )
    expect(manifest.sources).toEqual(sources)
    expect(manifest.hexSha256).toBe(sha256(HEX))
    expect(manifest.buildId).toBe(sha256(JSON.stringify([sources, manifest.flags])).slice(0, 16))
    const [reply] = createRig().feature(IDENTITY)
    expect(reply?.payload[0]).toBe(1)
    expect(identityOf(reply).buildId).toBe(manifest.buildId)
  })

  test('counts boots and names their cause, over resets and another board with the same EEPROM (BOARD-7)', () => {
    const eeprom = new Uint8Array(1024).fill(0xff)
    const rig = createRig({ eeprom })
    const seen = [identityOf(rig.feature(IDENTITY)[0])]
    for (const cause of ['external', 'power'] as const) {
      rig.uno.reset(cause)
      rig.uno.run(60)
      seen.push(identityOf(rig.feature(IDENTITY)[0]))
    }
    seen.push(identityOf(createRig({ eeprom }).feature(IDENTITY)[0]))
    expect(seen.map(({ boots, cause }) => [boots, cause])).toEqual([
      [1, 1],
      [2, 2],
      [3, 1],
      [4, 1],
    ])
  })

  test('counts boots behind the bootloader of an Uno too, which hides their cause (BOARD-7)', () => {
    const rig = createRig({ bootloader: optibootHex() })
    const seen = [identityOf(rig.feature(IDENTITY)[0])]
    for (const [again, afterMs] of [
      [rig.uno.dtr, 1600],
      [(): void => rig.uno.reset('brown-out'), 60],
    ] as const) {
      again()
      rig.uno.run(afterMs)
      seen.push(identityOf(rig.feature(IDENTITY)[0]))
    }
    expect(seen.map(({ boots, cause }) => [boots, cause])).toEqual([
      [1, 0],
      [2, 0],
      [3, 0],
    ])
  })

  test('never repeats a boot count that it has said, wherever power is lost while it is written (BOARD-7)', () => {
    const rig = createRig({ eeprom: new Uint8Array(1024).fill(0xff) })
    const said = [identityOf(rig.feature(IDENTITY)[0]).boots]
    for (let lostMs = 0.2; lostMs < 10; lostMs += 0.7) {
      rig.uno.reset('power')
      rig.uno.run(lostMs)
      rig.uno.reset('power')
      rig.uno.run(60)
      said.push(identityOf(rig.feature(IDENTITY)[0]).boots)
    }
    for (const [i, boots] of said.entries()) if (i > 0) expect(boots).toBeGreaterThan(said[i - 1] ?? 0)
    expect(said.at(-1)).toBeLessThanOrEqual(2 * said.length)
  })
})

/** Every reply of feature 01 so far. */
function replies({ messages }: Rig): Reply[] {
  return messages.flatMap((message) => replyOf(message) ?? [])
}

describe('replies', () => {
  test('are numbered without a gap, and carry the milliseconds since the reset (BOARD-1)', () => {
    const rig = createRig()
    for (const command of [0, 1, 4, 0x33, 0, 4]) rig.feature(command, [], 40)
    const said = replies(rig)
    expect(said.map(({ sequence }) => sequence)).toEqual([0, 1, 2, 3, 4, 5])
    for (const { boardMs, ms } of said) expect(ms - boardMs).toBeGreaterThan(0)
    const offsets = said.filter(({ command }) => command === 0x44).map(({ ms, boardMs }) => ms - boardMs)
    expect(Math.max(...offsets) - Math.min(...offsets)).toBeLessThan(1.1)
    rig.uno.reset('external')
    rig.uno.run(60)
    const [first] = rig.feature(IDENTITY)
    expect(first?.sequence).toBe(0)
    expect(first?.boardMs).toBeLessThan(100)
  })

  test('number and milliseconds pass 7 bits without a jump (BOARD-1)', () => {
    const rig = createRig()
    for (let i = 0; i < 150; i++) rig.ask([0xf0, 1, 4, 0xf7], 4)
    rig.uno.run(20)
    const said = replies(rig)
    expect(said.map(({ sequence }) => sequence)).toEqual(said.map((_, i) => i))
    expect(said).toHaveLength(150)
    const steps = said.slice(1).map(({ boardMs }, i) => boardMs - (said[i]?.boardMs ?? 0))
    expect(Math.min(...steps)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...steps)).toBeLessThan(10)
  })

  test.each([
    ['a feature message without a command', [0x01], [0x01, 0, 1]],
    ['an identity request with a payload', [0x01, 0x00, 5], [0x01, 0, 1]],
    ['a debounce request that is too short', [0x01, 0x02, 0, 0, 0], [0x01, 2, 1]],
    ['an unknown command', [0x01, 0x22], [0x01, 0x22, 2]],
    ['an unknown sysex', [0x55, 1, 2], [0x55, 0, 2]],
    ['a sampling interval of one byte', [0x7a, 1], [0x7a, 0, 1]],
    ['a capability query with a payload', [0x6b, 1], [0x6b, 0, 1]],
    ['97 bytes', [0x01, 0x04, ...new Array(95).fill(1)], [0x01, 4, 1]],
  ])('answer %s with its error (BOARD-8)', (_, bytes, payload) => {
    const rig = createRig()
    expect(rig.ask([0xf0, ...bytes, 0xf7], 40).map(replyOf)).toMatchObject([{ command: ERROR, payload }])
    expect(rig.feature(IDENTITY)).toHaveLength(1)
  })
})
