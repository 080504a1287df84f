/**
 * SHA-256 by node:crypto. One-shot `crypto.hash` with latin1 output: four times the rate of createHash, because a Buffer
 * result would allocate a backing store of its own for every digest.
 */
import { hash } from 'node:crypto'
import type { Hash } from '../crypto/index.ts'

const scratch = Buffer.allocUnsafeSlow(32)

/** {@link Hash} of this platform. */
export const nativeHash: Hash = {
  sha256(data) {
    const out = new Uint8Array(32)
    nativeHash.sha256Into(out, 0, data)
    return out
  },
  sha256Into(out, offset, data) {
    scratch.write(hash('sha256', data, 'binary'), 'latin1') // two names of Node for one encoding
    out.set(scratch, offset)
  },
}
