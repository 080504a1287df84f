/**
 * Salts: without one, the proof of a row would carry its neighbour's bare hash, and a 0.01-degree reading is found from
 * its hash in milliseconds. One 32-byte seed a batch costs nothing a row.
 */
import { concat, utf8 } from '../base/index.ts'
import { SALT_BYTES } from '../wire/index.ts'
import type { Hash } from './ports.ts'

/** Length of a batch's seed in bytes. */
export const SEED_BYTES = 32
const SEALED_SEED = utf8('fp-seed')

/** Salts of one batch: `saltsOf(seed, hash)(i)` is SHA-256(seed ‖ uint32be(i))[0..16] for row i, counted from 1. */
export function saltsOf(seed: Uint8Array, hash: Hash): (rowIndex: number) => Uint8Array {
  const next = reusedSalts(seed, hash)
  return (rowIndex) => next(rowIndex).slice()
}

/** The same salts in one array that each call overwrites: for whoever hashes thousands of rows. */
export function reusedSalts(seed: Uint8Array, hash: Hash): (rowIndex: number) => Uint8Array {
  const input = new Uint8Array(SEED_BYTES + 4)
  input.set(seed)
  const view = new DataView(input.buffer)
  const digest = new Uint8Array(32)
  const salt = digest.subarray(0, SALT_BYTES)
  return (rowIndex) => {
    view.setUint32(SEED_BYTES, rowIndex)
    hash.sha256Into(digest, 0, input)
    return salt
  }
}

/** Seed of a sealed batch: SHA-256("fp-seed" ‖ K), so that whoever can open the rows can prove them. */
export function sealedSeed(key: Uint8Array, hash: Hash): Uint8Array {
  return hash.sha256(concat(SEALED_SEED, key))
}
