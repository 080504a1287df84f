import { copyFileSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hash32, machineId } from '@fieldproof/sdk/base'
import { encodeCbor } from '@fieldproof/sdk/wire'
import { afterAll, describe, expect, it } from 'vitest'
import { MemoryStore, openLibsqlStore, type Store } from '../../src/ledger/index.ts'
import { openDatabaseFile } from '../../src/ledger/libsql-database.ts'
import { SCHEMA } from '../../src/ledger/libsql-schema.ts'
import { REFUSALS_KEPT } from '../../src/ledger/store.ts'
import { storeContract } from './store-contract.ts'

const directory = mkdtempSync(join(tmpdir(), 'fieldproof-store-'))
const MACHINE = machineId('a'.repeat(26))
let files = 0
afterAll(() => rmSync(directory, { recursive: true }))

function freshPath(): string {
  return join(directory, `${++files}.db`)
}

describe('memory store', () => {
  storeContract(async () => new MemoryStore())
})

describe('libsql store', () => {
  const paths = new WeakMap<Store, string>()
  const open = async (path = freshPath()): Promise<Store> => {
    const store = openLibsqlStore(path, { create: true })
    paths.set(store, path)
    return store
  }
  storeContract(open, async (store) => {
    await store.close()
    return await open(paths.get(store))
  })

  it('is not made by accident', () => {
    expect(() => openLibsqlStore(freshPath())).toThrowError(expect.objectContaining({ code: 'config-invalid' }))
  })

  it('keeps a second gateway out, until it is closed', async () => {
    const path = freshPath()
    const store = await open(path)
    expect(() => openLibsqlStore(path)).toThrowError(expect.objectContaining({ code: 'store-locked' }))
    await store.close()
    await openLibsqlStore(path).close()
  })

  it('can be read by its owner only', async () => {
    const path = freshPath()
    const store = await open(path)
    await store.create(Uint8Array.of(1), new Uint8Array(32) as never)
    expect([path, `${path}-wal`, `${path}-lock`].map((file) => statSync(file).mode & 0o777)).toEqual([
      0o600, 0o600, 0o600,
    ])
    await store.close()
  })

  it.each([
    ['the first', [Uint8Array.of(1), 5, new Map([['head', Uint8Array.of(2)]])]],
    ['the second', [1, Uint8Array.of(1), [Uint8Array.of(2)], []]],
  ])('gives no evidence that was stored in %s form', async (_which, older) => {
    const path = freshPath()
    const store = await open(path)
    const head = { size: 2, root: hash32(new Uint8Array(32)) }
    const { id } = await store.putAnchorIntent({ head, nonce: 0, txHash: head.root, rawTransaction: new Uint8Array() })
    await store.close()
    const file = openDatabaseFile(path, SCHEMA, false)
    file.prepare('UPDATE anchors SET evidence = ? WHERE id = ?').run([encodeCbor(older), id])
    file.close()
    const again = await open(path)
    expect(await again.anchorEvidence(id)).toBeNull()
    expect(await again.anchorCover(id)).toBeNull()
    await again.close()
  })

  it('keeps each part of the evidence of all anchors once', async () => {
    const path = freshPath()
    const store = await open(path)
    const nodes = Array.from({ length: 1500 }, (_, i) => new Uint8Array(100).fill(i % 256).fill(i >> 8, 50))
    const evidence = { header: Uint8Array.of(1), nodes, beaconHeaders: nodes.slice(0, 2), keys: [], machines: [] }
    const root = hash32(new Uint8Array(32))
    for (const size of [2, 3]) {
      const prepared = { head: { size, root }, nonce: 0, txHash: root, rawTransaction: new Uint8Array() }
      const { id } = await store.putAnchorIntent(prepared)
      await store.setAnchorEvidence(id, evidence)
      expect(await store.anchorEvidence(id)).toEqual(evidence)
    }
    await store.close()
    const file = openDatabaseFile(path, SCHEMA, false)
    expect(file.prepare('SELECT count(*) AS n FROM evidence_parts').get([])?.['n']).toBe(1501) // one for "nobody"
    file.prepare('DELETE FROM evidence_parts WHERE number = 7').run([])
    file.close()
    const again = await open(path)
    await expect(again.anchorEvidence(1)).rejects.toMatchObject({ code: 'store-corrupt' })
    await again.close()
  })

  it('opens a database of the version before this one, with all that is in it', async () => {
    const path = freshPath()
    const store = await open(path)
    await store.create(Uint8Array.of(1), hash32(new Uint8Array(32)))
    await store.close()
    const file = openDatabaseFile(path, SCHEMA, false)
    file.exec('DROP TABLE evidence_parts; PRAGMA user_version=1')
    file.close()
    const again = await open(path)
    expect(await again.genesis()).toEqual(Uint8Array.of(1))
    await again.close()
    const newer = openDatabaseFile(path, SCHEMA, false)
    newer.exec(`PRAGMA user_version=${SCHEMA.version + 1}`)
    newer.close()
    expect(() => openLibsqlStore(path)).toThrowError(expect.objectContaining({ code: 'store-corrupt' }))
  })

  it('keeps no more bytes of refused messages than its limit (RCPT-30)', async () => {
    const store = await open()
    const message = new Uint8Array(REFUSALS_KEPT.sizeBytes / 4)
    const digest = hash32(new Uint8Array(32))
    for (let n = 1; n <= 5; n++) {
      const detail = `no ${n}`
      await store.append([], [{ machine: MACHINE, digest, code: 'malformed', detail, message, receivedAt: n }])
    }
    expect((await store.refusals(9)).map(({ detail }) => detail)).toEqual(['no 5', 'no 4', 'no 3', 'no 2'])
    await store.close()
  })

  it('refuses a file that is no database of this gateway', async () => {
    const path = freshPath()
    copyFileSync(new URL(import.meta.url), path)
    expect(() => openLibsqlStore(path)).toThrowError(expect.objectContaining({ code: 'store-corrupt' }))
  })
})
