import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'

const script = fileURLToPath(new URL('../../contracts/compile.mjs', import.meta.url))
const root = fileURLToPath(new URL('../../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'fieldproof-contracts-'))

afterAll(() => rmSync(folder, { recursive: true }))

function compile(...options: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [script, ...options], { encoding: 'utf8' })
}

describe('generated files', () => {
  const written = compile(`--out=${folder}`).stdout.trim().split('\n')

  it.each(written)('%s is committed exactly as the contracts give it', (path) => {
    expect(readFileSync(join(root, path), 'utf8')).toBe(readFileSync(join(folder, path), 'utf8'))
  })

  it('are eight, and a check names the one that differs', () => {
    expect(written).toHaveLength(8)
    const constants = join(folder, 'sdk/src/evm/abi-constants.ts')
    writeFileSync(constants, readFileSync(constants, 'utf8').replace('0x', '0X'))
    const { status, stderr } = compile('--check', `--out=${folder}`)
    expect(status).toBe(1)
    expect(stderr).toMatch(/^sdk\/src\/evm\/abi-constants\.ts is not what the contracts give[^\n]*\n$/)
  })
})
