/** An account of a chain as a person gives it: its address, or the public key that the address is made of. */
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { FieldproofError, fromHex, toHex, utf8 } from '../base/index.ts'
import { keccak256 } from './abi.ts'

const ADDRESS = /^0x[0-9a-fA-F]{40}$/
/** SEC 1, compressed or not. */
const PUBLIC_KEY = /^(0x)?(0[23][0-9a-fA-F]{64}|04[0-9a-fA-F]{128})$/

/**
 * Address of an account, 20 bytes.
 * @param text `0x` and 40 hexadecimal digits (in mixed case the check digits of EIP-55 must hold), or a secp256k1 public key in SEC 1
 * @throws FieldproofError `out-of-range` saying what is wrong with it
 */
export function accountAddress(text: string): Uint8Array {
  if (PUBLIC_KEY.test(text)) return addressOfKey(fromHex(text))
  if (!ADDRESS.test(text)) return refuse('want an address (0x and 40 hexadecimal digits) or a secp256k1 public key')
  const address = fromHex(text)
  const digits = text.slice(2)
  const isMixed = digits !== digits.toLowerCase() && digits !== digits.toUpperCase()
  if (isMixed && checksumAddress(address) !== text)
    refuse('its check digits (upper and lower case) are wrong: a digit was mistyped')
  return address
}

/** EIP-55: the address as people copy it, with check digits in its case. @param address 20 bytes */
export function checksumAddress(address: Uint8Array): string {
  const digits = toHex(address)
  const check = toHex(keccak256(utf8(digits)))
  const cased = Array.from(digits, (digit, i) =>
    Number.parseInt(check[i] ?? '0', 16) >= 8 ? digit.toUpperCase() : digit,
  )
  return `0x${cased.join('')}`
}

function addressOfKey(key: Uint8Array): Uint8Array {
  let point: Uint8Array
  try {
    point = secp256k1.Point.fromBytes(key).toBytes(false)
  } catch {
    return refuse('not a point of secp256k1')
  }
  return keccak256(point.subarray(1)).slice(12)
}

function refuse(why: string): never {
  throw new FieldproofError('out-of-range', `owner: ${why}`)
}
