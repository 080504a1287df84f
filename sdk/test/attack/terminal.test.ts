import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { FieldproofError } from '../../src/base/index.ts'
import type { Context } from '../../src/cli/command.ts'
import { main } from '../../src/cli/main.ts'
import { printable, printableJson } from '../../src/cli/printable.ts'
import { reportText } from '../../src/cli/report-text.ts'
import { type Report, verifyBundle } from '../../src/verify/index.ts'
import { makeWorld, REGISTRY, rpcOf } from '../verify/fixture.ts'

const ESCAPES = '\u001b[2J\u001b]0;owned\u0007\u009b31m\r\nVERIFIED\u2028\u202egnp.\u200b\u0000\u{e0041}'
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u
const folder = mkdtempSync(join(tmpdir(), 'fieldproof-attack-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe('texts of strangers on a terminal', () => {
  it('prints no control, separator or direction character of a unit, a value, a method or a reason', async () => {
    const world = await makeWorld()
    const refuse = (method: string): never => {
      throw new FieldproofError('rpc-failed', method + ESCAPES)
    }
    const honest = await verifyBundle(world.bytes, { trust: { registry: REGISTRY }, rpc: rpcOf(world.chain, refuse) })
    const hostile: Report = {
      ...honest,
      verdict: 'fail',
      checks: honest.checks.map((check) => ({ ...check, reason: ESCAPES })),
      rows: honest.rows.map((row) => ({
        ...row,
        method: ESCAPES,
        values: row.values.map((value) => ({ ...value, unit: ESCAPES, value: ESCAPES })),
      })),
    }
    const lines = reportText(hostile, false).split('\n')
    expect(lines.filter((line) => UNSEEN.test(line))).toEqual([])
    expect(lines.filter((line) => line === 'VERIFIED')).toEqual([])
    expect(lines.at(-1)).toBe('REFUSED')
  })

  it('leaves letters, signs and emoji as they are', () => {
    expect(printable('21.37 °C, größer als 20 → 好 🙂')).toBe('21.37 °C, größer als 20 → 好 🙂')
  })

  it('prints JSON without any of them, that parses to the same value', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const json = printableJson({ text: text + ESCAPES })
        expect(UNSEEN.test(json)).toBe(false)
        expect(JSON.parse(json)).toEqual({ text: text + ESCAPES })
      }),
      { seed: 11, numRuns: 300 },
    )
  })

  it('prints no control character of an argument that it refuses', async () => {
    const said: string[] = []
    await main(['verify', `a${ESCAPES}`, '--trust', ESCAPES], contextOf(said))
    expect(
      said
        .join('')
        .split('\n')
        .filter((line) => UNSEEN.test(line)),
    ).toEqual([])
  })
})

describe('exit code of a verification', () => {
  it('is not 0 when the name of the file is an option', async () => {
    for (const name of ['--help', '-h', '--version', '--json', '--']) {
      expect(
        await main(
          ['verify', name, '--rpc', 'http://127.0.0.1:9', '--registry', `0x${'aa'.repeat(20)}`],
          contextOf([]),
        ),
      ).toBe(2)
      expect(await main(['verify', '--trust', 'none.json', '--', name], contextOf([]))).toBe(2)
    }
  })

  it('is 1 for a file without an end, after reading no more than a bundle may have', async () => {
    const options = ['--rpc', 'http://127.0.0.1:9', '--registry', `0x${'aa'.repeat(20)}`]
    const said: string[] = []
    expect(await main(['verify', '/dev/zero', ...options], contextOf(said))).toBe(1)
    expect(said.join()).toContain('a bundle has at most')
  })

  it('is 2 for a trust file with a field too many', async () => {
    const trust = join(folder, 'trust.json')
    for (const extra of ['"__proto__":{"registry":"0x00"}', '"gateway":1', '"constructor":1']) {
      writeFileSync(trust, `{"rpc":"http://127.0.0.1:9","registry":"0x${'aa'.repeat(20)}",${extra}}`)
      const said: string[] = []
      expect(await main(['verify', trust, '--trust', trust], contextOf(said))).toBe(2)
      expect(said.join()).toContain('unknown')
    }
  })
})

function contextOf(said: string[]): Context {
  const print = (text: string): void => void said.push(text)
  return { print, error: print, colours: false, now: () => 0 }
}
