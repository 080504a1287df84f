/** SHA-256 by @noble/hashes: what browsers run, and the second opinion beside node:crypto. */
import { sha256 } from '@noble/hashes/sha2.js'
import type { Hash } from './ports.ts'

/** {@link Hash} without a platform. */
export const pureHash: Hash = {
  sha256: (data) => sha256(data),
  sha256Into: (out, offset, data) => out.set(sha256(data), offset),
}
