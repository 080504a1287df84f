/** What every Signer must do. */
import { utf8 } from '../base/index.ts'
import { hasLowS, pureSuites, SIGNATURE_BYTES, type Signer } from '../crypto/index.ts'
import type { TestApi } from './api.ts'

/** Adds the suite. `open` is called once a test and gives the same key each time. */
export function signerContract(api: TestApi, name: string, open: () => Promise<Signer>): void {
  const { describe, it, expect } = api
  describe(`signer contract: ${name}`, () => {
    it('has a valid raw public key of its suite, the same each time', async () => {
      const signer = await open()
      expect(pureSuites(signer.alg)?.isValidPublicKey(signer.publicKey)).toBe(true)
      expect((await open()).publicKey).toEqual(signer.publicKey)
    })

    it('signs empty and long messages with 64 bytes that verify, and for that message only', async () => {
      const signer = await open()
      const suite = pureSuites(signer.alg)
      for (const message of [new Uint8Array(0), utf8('reading'), new Uint8Array(65_535).fill(7)]) {
        const signature = await signer.sign(message)
        expect(signature.length).toBe(SIGNATURE_BYTES)
        expect(await suite?.verify(signer.publicKey, message, signature)).toBe(true)
        expect(await suite?.verify(signer.publicKey, utf8('another'), signature)).toBe(false)
      }
    })

    it('signs with low s, many at a time', async () => {
      const signer = await open()
      const messages = Array.from({ length: 40 }, (_, i) => utf8(`message ${i}`))
      const signatures = await Promise.all(messages.map((message) => signer.sign(message)))
      for (const [i, signature] of signatures.entries()) {
        if (signer.alg === -9) expect(hasLowS(signature)).toBe(true)
        expect(await pureSuites(signer.alg)?.verify(signer.publicKey, messages[i]!, signature)).toBe(true)
      }
    })

    it('shows only its algorithm and public key as JSON', async () => {
      const shown: unknown = JSON.parse(JSON.stringify(await open()))
      expect(Object.keys(shown as object).sort()).toEqual(['alg', 'publicKey'])
    })
  })
}
