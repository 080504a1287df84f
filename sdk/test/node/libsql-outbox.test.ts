import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import Database from 'libsql'
import { afterEach, describe, expect, it } from 'vitest'
import { hash32, statementId, utf8 } from '../../src/base/index.ts'
import { nativeHash } from '../../src/native/index.ts'
import { openLibsqlOutbox } from '../../src/node/index.ts'
import { outboxContract } from '../../src/testing/index.ts'

const dirs: string[] = []
function newPath(): string {
  const dir = mkdtempSync(join(tmpdir(), 'outbox-'))
  dirs.push(dir)
  return join(dir, 'outbox.db')
}
afterEach(() => {
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true })
})

outboxContract({ describe, it, expect }, 'libsql', async () => {
  const path = newPath()
  return { open: (bounds = {}) => openLibsqlOutbox(path, bounds) }
})

const STREAM = 'a1'

function batchOf(sequence: number, message = utf8(`message ${sequence}`)) {
  const id = statementId(nativeHash.sha256(utf8(`statement ${sequence}`)))
  return { sequence, id, stream: STREAM, rowCount: 1, digest: hash32(nativeHash.sha256(message)), message }
}

/** A closed outbox with two rows and one batch. */
async function filled(): Promise<string> {
  const path = newPath()
  const outbox = await openLibsqlOutbox(path)
  await outbox.putStream(STREAM, utf8('definition'))
  await outbox.appendRows(STREAM, [utf8('covered')])
  await outbox.sealBatch(batchOf(1), 1)
  await outbox.appendRows(STREAM, [utf8('row two'), utf8('row three')])
  await outbox.close()
  return path
}

/** What an attacker, a bug or a rotten card did to the file. */
function tamper(path: string, sql: string): void {
  const db = new Database(path)
  db.exec(sql)
  db.close()
}

describe('libsql outbox file', () => {
  it('is for its owner only, and so are its log and its lock', async () => {
    const path = newPath()
    const outbox = await openLibsqlOutbox(path)
    await outbox.putStream(STREAM, utf8('definition'))
    for (const suffix of ['', '-wal', '-shm', '-lock']) expect(statSync(path + suffix).mode & 0o777).toBe(0o600)
    await outbox.close()
  })

  it('is not made when that was not asked for (HIST-32)', async () => {
    const opened = openLibsqlOutbox(newPath(), { create: false })
    await expect(opened).rejects.toMatchObject({ code: 'file-unreadable', facts: { code: 'ENOENT' } })
  })

  it('cannot be in a folder that does not exist', async () => {
    const opened = openLibsqlOutbox(join(newPath(), 'missing', 'outbox.db'))
    await expect(opened).rejects.toMatchObject({ code: 'file-unreadable' })
  })

  it('refuses a second opener by another name of the same file', async () => {
    const path = await filled()
    const outbox = await openLibsqlOutbox(path)
    symlinkSync(path, `${path}.link`)
    await expect(openLibsqlOutbox(`${path}.link`)).rejects.toMatchObject({ code: 'store-locked' })
    await outbox.close()
  })

  it('leaves the file to the next opener when it refuses it', async () => {
    const path = newPath()
    writeFileSync(path, 'not a database, and longer than a page header '.repeat(200))
    for (let tries = 0; tries < 2; tries++) {
      await expect(openLibsqlOutbox(path)).rejects.toMatchObject({ code: 'outbox-corrupt' })
    }
  })

  it('refuses the database of another program, and of a later version of this one', async () => {
    const foreign = newPath()
    tamper(foreign, 'CREATE TABLE t (a)')
    await expect(openLibsqlOutbox(foreign)).rejects.toMatchObject({ code: 'outbox-corrupt' })
    const later = await filled()
    tamper(later, 'PRAGMA user_version = 2')
    await expect(openLibsqlOutbox(later)).rejects.toMatchObject({
      code: 'outbox-corrupt',
      message: expect.stringContaining('version 2'),
    })
  })

  it('refuses a file whose pages are damaged (HIST-32)', async () => {
    const path = await filled()
    const bytes = readFileSync(path)
    bytes.fill(0xa5, 4096, bytes.length)
    writeFileSync(path, bytes)
    await expect(openLibsqlOutbox(path)).rejects.toMatchObject({ code: 'outbox-corrupt' })
  })

  it('gives out no row, message, definition or head that rotted (HIST-32)', async () => {
    const rots = [
      ["UPDATE row SET bytes = CAST('row twO' AS BLOB) WHERE key = 2", 'pendingRows'],
      ["UPDATE batch SET message = CAST('message 2' AS BLOB)", 'batches'],
      ["UPDATE batch SET message = CAST('message 2' AS BLOB)", 'batch'],
      ["UPDATE stream SET definition = CAST('Definition' AS BLOB)", 'streams'],
      ['DELETE FROM head', 'head'],
    ] as const
    for (const [sql, method] of rots) {
      const path = await filled()
      tamper(path, sql)
      const corrupt = { code: 'outbox-corrupt' }
      if (method === 'head') {
        await expect(openLibsqlOutbox(path)).rejects.toMatchObject(corrupt)
        continue
      }
      const outbox = await openLibsqlOutbox(path)
      if (method === 'pendingRows') await expect(outbox.pendingRows(STREAM, 10)).rejects.toMatchObject(corrupt)
      if (method === 'batches') await expect(outbox.batches('pending', 0, 10)).rejects.toMatchObject(corrupt)
      if (method === 'batch') await expect(outbox.batch(batchOf(1).id)).rejects.toMatchObject(corrupt)
      if (method === 'streams') await expect(outbox.streams()).rejects.toMatchObject(corrupt)
      await outbox.close()
    }
  })

  it('refuses lengths and states that the schema forbids', async () => {
    const path = await filled()
    for (const sql of [
      "UPDATE batch SET id = x'00'",
      "UPDATE batch SET digest = x'00'",
      "UPDATE batch SET state = 'lost'",
      "UPDATE head SET id = x'00'",
    ]) {
      expect(() => tamper(path, sql)).toThrow(/CHECK constraint/)
    }
  })

  it('leaves no trace of a seal that fails', async () => {
    const path = await filled()
    const outbox = await openLibsqlOutbox(path)
    const twin = { ...batchOf(2), id: batchOf(1).id }
    await expect(outbox.sealBatch(twin, 99)).rejects.toMatchObject({ code: 'outbox-corrupt' })
    expect(await outbox.usage()).toMatchObject({ rows: 2, pending: 1, sizeBytes: 25 })
    expect(await outbox.head()).toMatchObject({ sequence: 1 })
    await outbox.sealBatch(batchOf(2), 99)
    expect(await outbox.usage()).toMatchObject({ rows: 0, pending: 2, sizeBytes: 18 })
    await outbox.close()
  })
})

describe('libsql outbox after kill -9', () => {
  it('holds every row and batch whose call had returned, and lets the next process in', {
    timeout: 60_000,
  }, async () => {
    for (const afterLines of [1, 40, 150]) {
      const path = newPath()
      const child = spawn(process.execPath, [fileURLToPath(new URL('outbox-child.mjs', import.meta.url)), path])
      const exited = once(child, 'exit')
      let acknowledged = { rows: 0, batches: 0 }
      let lines = 0
      for await (const line of createInterface(child.stdout)) {
        acknowledged = JSON.parse(line) as typeof acknowledged
        if (++lines === 1) await expect(openLibsqlOutbox(path)).rejects.toMatchObject({ code: 'store-locked' })
        if (lines === afterLines) child.kill('SIGKILL')
      }
      expect((await exited)[1]).toBe('SIGKILL')
      const outbox = await openLibsqlOutbox(path)
      const batches = await outbox.batches('pending', 0, 10_000)
      const rows = await outbox.pendingRows(STREAM, 10_000)
      const covered = batches.reduce((sum, batch) => sum + batch.rowCount, 0)
      expect(batches.length).toBeGreaterThanOrEqual(acknowledged.batches)
      expect(covered + rows.length).toBeGreaterThanOrEqual(acknowledged.rows)
      expect((await outbox.head())?.sequence ?? 0).toBe(batches.length)
      // One row in ten is sealed with those before it: nothing is covered twice, nothing is left out.
      const numbers = rows.map((row) => Number(new TextDecoder().decode(row.bytes)))
      expect(numbers).toEqual(numbers.map((_, i) => covered + i + 1))
      await outbox.close()
    }
  })
})

describe('libsql outbox on a failing disk', () => {
  it('refuses everything after a write failed', async () => {
    const path = await filled()
    const outbox = await openLibsqlOutbox(path)
    const other = new Database(path, { timeout: 0 })
    other.exec('DROP TABLE counter')
    await expect(outbox.count('dropped-rows', 1)).rejects.toMatchObject({ code: 'outbox-failed' })
    await expect(outbox.head()).rejects.toMatchObject({ code: 'outbox-failed' })
    other.close()
    await outbox.close()
  })
})
