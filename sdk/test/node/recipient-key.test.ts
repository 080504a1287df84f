import { chmodSync, mkdtempSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import nacl from 'tweetnacl'
import { describe, expect, it } from 'vitest'
import { createKeyFile } from '../../src/node/key-file.ts'
import { createRecipientKey, openRecipientKey } from '../../src/node/recipient-key.ts'

const folder = mkdtempSync(join(tmpdir(), 'recipient-'))
let count = 0
const fresh = (): string => join(folder, `${count++}.key`)

describe('a recipient key', () => {
  it('is read back, for its owner alone, and tweetnacl derives the same public key', async () => {
    const path = fresh()
    const created = await createRecipientKey(path)
    expect(await openRecipientKey(path)).toEqual(created)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(nacl.box.keyPair.fromSecretKey(created.secret).publicKey).toEqual(created.publicKey)
  })

  it('is never overwritten', async () => {
    const path = fresh()
    await createRecipientKey(path)
    await expect(createRecipientKey(path)).rejects.toMatchObject({ code: 'key-exists' })
  })

  it('is refused when others may read it', async () => {
    const path = fresh()
    await createRecipientKey(path)
    chmodSync(path, 0o644)
    await expect(openRecipientKey(path)).rejects.toMatchObject({ code: 'key-exposed' })
  })

  it('is refused when it is the key of a machine, damaged or missing', async () => {
    const path = fresh()
    await createKeyFile(path)
    await expect(openRecipientKey(path)).rejects.toMatchObject({ code: 'key-invalid' })
    const damaged = fresh()
    writeFileSync(damaged, '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n', { mode: 0o600 })
    await expect(openRecipientKey(damaged)).rejects.toMatchObject({ code: 'key-invalid' })
    await expect(openRecipientKey(fresh())).rejects.toMatchObject({ code: 'key-missing' })
  })
})
