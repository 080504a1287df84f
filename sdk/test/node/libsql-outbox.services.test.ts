/** kill -9 keeps the page cache, so it proves nothing about power: here the system calls are counted. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

it('has the log of the outbox on disk before each append and each seal returns (HIST-13)', () => {
  const dir = mkdtempSync(join(tmpdir(), 'outbox-'))
  const trace = join(dir, 'trace')
  const child = fileURLToPath(new URL('outbox-child.mjs', import.meta.url))
  const calls = 'trace=fsync,fdatasync,pwrite64,write'
  const args = ['-f', '-y', '-e', calls, '-o', trace, process.execPath, child, join(dir, 'outbox.db'), '20']
  const { error, status, stdout, stderr } = spawnSync('strace', args, { encoding: 'utf8' })
  if (error) throw new Error('no strace on PATH: install it (Debian: apt-get install strace) and run again')
  expect([status, stderr]).toEqual([0, ''])
  expect(stdout.trim().split('\n').length).toBe(20)

  let unsynced = false
  let syncs = 0
  const acknowledgedUnsynced: string[] = []
  for (const line of readFileSync(trace, 'utf8').split('\n')) {
    if (/pwrite64\(\d+<[^>]*outbox\.db-wal>/.test(line)) unsynced = true
    if (/f(data)?sync\(\d+<[^>]*outbox\.db-wal>\)/.test(line)) {
      unsynced = false
      syncs++
    }
    if (/ write\(1<.*\{\\"rows\\"/.test(line) && unsynced) acknowledgedUnsynced.push(line)
  }
  expect(acknowledgedUnsynced).toEqual([])
  expect(syncs).toBeGreaterThanOrEqual(22) // 20 appends and 2 seals
  rmSync(dir, { recursive: true })
})
