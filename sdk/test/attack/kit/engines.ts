/** Native engines that remember what they computed: thousands of mutants share their keys and signatures. */
import { toHex } from '../../../src/base/index.ts'
import type { Suite, Suites } from '../../../src/crypto/index.ts'
import { nativeEd25519, nativeHash, nativeP256 } from '../../../src/native/index.ts'
import type { Engines } from '../../../src/verify/index.ts'

function remembered(suite: Suite): Suite {
  const keys = new Map<string, boolean>()
  const signatures = new Map<string, boolean | Promise<boolean>>()
  return {
    alg: suite.alg,
    publicKeyBytes: suite.publicKeyBytes,
    isValidPublicKey: (key) => once(keys, toHex(key), () => suite.isValidPublicKey(key)),
    verify: (key, message, signature) =>
      once(signatures, Buffer.concat([key, signature, message]).toString('latin1'), () =>
        suite.verify(key, message, signature),
      ),
  }
}

function once<T>(known: Map<string, T>, name: string, compute: () => T): T {
  const found = known.get(name)
  if (found !== undefined) return found
  const value = compute()
  known.set(name, value)
  return value
}

const SUITES = new Map<number, Suite>([nativeP256, nativeEd25519].map((suite) => [suite.alg, remembered(suite)]))
const suites: Suites = (alg) => SUITES.get(alg)

/** Engines for {@link verifyBundle}. */
export const cachedEngines: Engines = { hash: nativeHash, suites }
