/** The few words of contract ABI that a verifier needs: static arguments in, static words out. */
import { keccak_256 } from '@noble/hashes/sha3.js'
import { concat, expectLength, fromHex, type Hash32, hash32 } from '../base/index.ts'
import { invalid } from './hex.ts'

const WORD = 32

/** keccak-256, the EVM's hash. */
export function keccak256(data: Uint8Array): Hash32 {
  return hash32(keccak_256(data))
}

/** Calldata of a function whose arguments are all one word. @param selector four bytes, see abi-constants.ts */
export function encodeCall(selector: `0x${string}`, ...words: Uint8Array[]): Uint8Array {
  return concat(fromHex(selector), ...words.map((word) => expectLength(word, WORD, 'argument')))
}

/** A word that holds `bytes` at its right end, as ABI lays out numbers and addresses. */
export function wordOf(bytes: Uint8Array): Uint8Array {
  const word = new Uint8Array(WORD)
  word.set(bytes, WORD - bytes.length)
  return word
}

/**
 * Splits ABI output into exactly `count` words.
 * @throws FieldproofError `rpc-invalid`
 */
export function readWords(data: Uint8Array, count: number, what: string): Uint8Array[] {
  if (data.length !== count * WORD) return invalid(what, `${count} words`)
  return Array.from({ length: count }, (_, i) => data.subarray(i * WORD, (i + 1) * WORD))
}

/**
 * An unsigned integer of at most 53 bits from a word.
 * @throws FieldproofError `rpc-invalid`
 */
export function readUint(word: Uint8Array | undefined, what: string): number {
  let value = 0
  for (const byte of word ?? []) value = value * 256 + byte
  return word?.length === WORD && Number.isSafeInteger(value) ? value : invalid(what, 'a number below 2^53')
}

/**
 * The last `length` bytes of a word, the rest being zero: an address, a machine number.
 * @throws FieldproofError `rpc-invalid`
 */
export function readRight(word: Uint8Array | undefined, length: number, what: string): Uint8Array {
  if (word?.length !== WORD || word.subarray(0, WORD - length).some((byte) => byte !== 0)) {
    return invalid(what, `a word of ${length} bytes`)
  }
  return word.slice(WORD - length)
}
