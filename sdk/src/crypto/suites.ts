/** The suites of version 1, without a platform. */
import { pureEd25519 } from './ed25519.ts'
import { pureP256 } from './p256.ts'
import type { Suites } from './ports.ts'

/** P-256 and Ed25519 by @noble/curves. */
export const pureSuites: Suites = (alg) => (alg === -9 ? pureP256 : alg === -19 ? pureEd25519 : undefined)
