/** Keys go from and to openssl: a station's owner is not bound to this program. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { utf8 } from '../../src/base/index.ts'
import { pureSuites } from '../../src/crypto/index.ts'
import { createKeyFile, openKeyFile } from '../../src/node/index.ts'
import { openRecipientKey } from '../../src/node/recipient-key.ts'
import { openssl } from './mosquitto.ts'

const dir = mkdtempSync(join(tmpdir(), 'key-'))
afterAll(() => rmSync(dir, { recursive: true }))

describe('key file and openssl', () => {
  it('writes keys whose public half openssl computes alike', async () => {
    for (const [alg, tail] of [
      [-9, 64],
      [-19, 32],
    ] as const) {
      const signer = await createKeyFile(join(dir, `made${alg}.pem`), { alg })
      openssl(dir, 'pkey', '-in', `made${alg}.pem`, '-pubout', '-outform', 'DER', '-out', 'public.der')
      const der = readFileSync(join(dir, 'public.der'))
      expect(new Uint8Array(der.subarray(der.length - tail))).toEqual(signer.publicKey)
    }
  })

  it('opens keys that openssl made, and its signatures verify', async () => {
    openssl(dir, 'genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', 'p256.pem')
    openssl(dir, 'genpkey', '-algorithm', 'ed25519', '-out', 'ed25519.pem')
    writeFileSync(join(dir, 'message'), utf8('reading'))
    for (const name of ['p256.pem', 'ed25519.pem']) {
      chmodSync(join(dir, name), 0o600)
      const signer = await openKeyFile(join(dir, name))
      const signature = await signer.sign(utf8('reading'))
      expect(await pureSuites(signer.alg)?.verify(signer.publicKey, utf8('reading'), signature)).toBe(true)
    }
  })

  it('opens a recipient key that openssl made', async () => {
    openssl(dir, 'genpkey', '-algorithm', 'x25519', '-out', 'reader.pem')
    chmodSync(join(dir, 'reader.pem'), 0o600)
    openssl(dir, 'pkey', '-in', 'reader.pem', '-pubout', '-outform', 'DER', '-out', 'reader.der')
    const der = readFileSync(join(dir, 'reader.der'))
    expect((await openRecipientKey(join(dir, 'reader.pem'))).publicKey).toEqual(new Uint8Array(der.subarray(-32)))
  })
})
