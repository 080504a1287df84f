/** New files where a file system has no links, as on a memory stick: whole, and never over another file. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { createWholeFile } from '../../src/node/index.ts'

vi.mock('node:fs/promises', async (original) => ({
  ...(await original<typeof import('node:fs/promises')>()),
  link: () => Promise.reject(Object.assign(new Error('not permitted'), { code: 'EPERM' })),
}))

const dir = mkdtempSync(join(tmpdir(), 'stick-'))
afterAll(() => rmSync(dir, { recursive: true }))

describe('a new file on a memory stick', () => {
  it('is whole, and leaves no draft', async () => {
    await createWholeFile(join(dir, 'porch.backup'), 'all of it')
    expect(readdirSync(dir)).toEqual(['porch.backup'])
    expect(readFileSync(join(dir, 'porch.backup'), 'utf8')).toBe('all of it')
  })

  it('is not made where there is one', async () => {
    writeFileSync(join(dir, 'old'), 'old')
    await expect(createWholeFile(join(dir, 'old'), 'new')).rejects.toMatchObject({ code: 'EEXIST' })
    expect(readFileSync(join(dir, 'old'), 'utf8')).toBe('old')
  })
})
