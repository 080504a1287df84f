import { describe, expect, it } from 'vitest'
import { machineIdOf, toHex } from '../../src/base/index.ts'
import {
  decodeCoseKey,
  decodeStatement,
  encodeCoseKey,
  encodeStatement,
  pureHash,
  pureSuites,
  type Suites,
  thumbprint,
  verifyStatement,
} from '../../src/crypto/index.ts'
import { nativeHash, nativeSuites } from '../../src/native/index.ts'
import { bytesOf, codeOf, loadCases } from './load.ts'

const ENGINES: readonly (readonly [string, Suites, typeof pureHash])[] = [
  ['pure', pureSuites, pureHash],
  ['native', nativeSuites, nativeHash],
]

for (const [engine, suites, hash] of ENGINES) {
  describe(`key vectors, ${engine}`, () => {
    for (const c of loadCases('key')) {
      it(`${c.valid ? 'accepts' : 'rejects'} ${c.name}`, async () => {
        const bytes = bytesOf(c['coseKey'])
        if (!c.valid) {
          await codeOf(() => decodeCoseKey(bytes, suites))
          return
        }
        const key = decodeCoseKey(bytes, suites)
        expect(toHex(encodeCoseKey(key))).toBe(c['coseKey'])
        expect(toHex(thumbprint(key, hash))).toBe(c['thumbprint'])
        expect(machineIdOf(thumbprint(key, hash))).toBe(c['machineId'])
      })
    }
  })

  describe(`statement vectors, ${engine}`, () => {
    for (const c of loadCases('statement')) {
      it(`${c.valid ? 'accepts' : 'rejects'} ${c.name}`, async () => {
        const bytes = bytesOf(c['statement'])
        const key = decodeCoseKey(bytesOf(c['key']), suites)
        const check = async (): Promise<boolean> => {
          const signed = decodeStatement(bytes, hash)
          const suite = suites(key.alg)
          const kid = toHex(thumbprint(key, hash)).slice(0, 32)
          if (suite === undefined || toHex(signed.statement.kid) !== kid) return false
          return await verifyStatement(signed, suite, key.publicKey)
        }
        if (c.error === 'bad-signature' || c.error === 'unknown-key') return expect(await check()).toBe(false)
        if (!c.valid) return expect(await codeOf(check)).toBe(c.error)
        expect(await check()).toBe(true)
        const signed = decodeStatement(bytes, hash)
        expect(toHex(signed.id)).toBe(c['id'])
        expect(toHex(signed.toBeSigned)).toBe(c['sigStructure'])
        expect(toHex(encodeStatement(signed.statement, signed.signature))).toBe(c['statement'])
      })
    }
  })
}
