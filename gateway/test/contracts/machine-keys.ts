/**
 * Machine keys and what they sign for MachineRegistry, by other code than the contract's: node:crypto for the curve and
 * the hashes, viem for EIP-712.
 */
import { createECDH, createHash, createPrivateKey, type KeyObject, sign } from 'node:crypto'
import { concat, type Hex, hashTypedData, hexToBytes, numberToHex, size, slice } from 'viem'

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

/** A P-256 key, its RFC 9679 thumbprint and the id of the machine that it would found. */
export interface MachineKey {
  /** Private, 32 bytes. */
  readonly scalar: Hex
  readonly privateKey: KeyObject
  /** x || y, 64 bytes. */
  readonly point: Hex
  readonly thumbprint: Hex
  readonly machine: bigint
}

/** The words of an enrolment. */
export interface Enrolment {
  readonly owner: Hex
  readonly homeLog: Hex
  readonly thumbprint: Hex
  readonly nonce: bigint
  readonly deadline: bigint
}

/** The words of a rotation. */
export interface Rotation {
  readonly machine: bigint
  readonly thumbprint: Hex
  readonly nonce: bigint
  readonly deadline: bigint
}

/** Which contract on which chain a signature is for. */
export interface Place {
  readonly chainId: number
  readonly registry: Hex
}

export function sha256(data: Hex | string): Hex {
  const bytes = data.startsWith('0x') ? hexToBytes(data as Hex) : Buffer.from(data)
  return `0x${createHash('sha256').update(bytes).digest('hex')}`
}

/** The same key for the same label, always. */
export function machineKey(label: string): MachineKey {
  return machineKeyOf(sha256(label))
}

/** The key of a private scalar, 32 bytes. */
export function machineKeyOf(scalar: Hex): MachineKey {
  const ecdh = createECDH('prime256v1')
  ecdh.setPrivateKey(hexToBytes(scalar))
  const publicKey = ecdh.getPublicKey() // 04 || x || y
  const part = (start: number) => publicKey.subarray(start, start + 32).toString('base64url')
  const d = Buffer.from(hexToBytes(scalar)).toString('base64url')
  const privateKey = createPrivateKey({
    format: 'jwk',
    key: { kty: 'EC', crv: 'P-256', d, x: part(1), y: part(33) },
  })
  const point: Hex = `0x${publicKey.subarray(1).toString('hex')}`
  // COSE_Key {1: 2, -1: 1, -2: x, -3: y}, RFC 9679 section 3
  const thumbprint = sha256(concat(['0xa401022001215820', slice(point, 0, 32), '0x225820', slice(point, 32)]))
  return { scalar, privateKey, point, thumbprint, machine: BigInt(slice(thumbprint, 0, 16)) }
}

/** Signature of an Enrol. */
export function signEnrol(key: MachineKey, place: Place, message: Enrolment): Hex {
  return signDigest(key, enrolDigest(place, message))
}

/** Signature of a Rotate. */
export function signRotate(key: MachineKey, place: Place, message: Rotation): Hex {
  return signDigest(key, rotateDigest(place, message))
}

/** EIP-712 digest of an Enrol. */
export function enrolDigest(place: Place, message: Enrolment): Hex {
  const types = {
    Enrol: [
      { name: 'owner', type: 'address' },
      { name: 'homeLog', type: 'bytes32' },
      { name: 'thumbprint', type: 'bytes32' },
      { name: 'nonce', type: 'uint256' },
      { name: 'deadline', type: 'uint256' },
    ],
  } as const
  return hashTypedData({ domain: domainOf(place), types, primaryType: 'Enrol', message })
}

/** EIP-712 digest of a Rotate. */
export function rotateDigest(place: Place, message: Rotation): Hex {
  const types = {
    Rotate: [
      { name: 'machine', type: 'uint256' },
      { name: 'thumbprint', type: 'bytes32' },
      { name: 'nonce', type: 'uint256' },
      { name: 'deadline', type: 'uint256' },
    ],
  } as const
  return hashTypedData({ domain: domainOf(place), types, primaryType: 'Rotate', message })
}

/** r || s over SHA-256 of the data, s in the lower half. */
export function signDigest({ privateKey }: MachineKey, data: Hex): Hex {
  const signature: Hex = `0x${sign('sha256', hexToBytes(data), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('hex')}`
  return BigInt(slice(signature, 32)) > ORDER / 2n ? otherS(signature) : signature
}

/**
 * r || s over 32 bytes as they are, s in the lower half: ECDSA by hand, because node:crypto always hashes what it signs.
 * The nonce is a hash of key and message, which is good enough for keys that guard nothing.
 */
export function signHash({ scalar }: MachineKey, hash: Hex): Hex {
  const nonce = sha256(concat([scalar, hash]))
  const r = BigInt(slice(machineKeyOf(nonce).point, 0, 32)) % ORDER
  const s = (inverse(BigInt(nonce)) * (BigInt(hash) + r * BigInt(scalar))) % ORDER
  const signature = concat([numberToHex(r, { size: 32 }), numberToHex(s, { size: 32 })])
  return s > ORDER / 2n ? otherS(signature) : signature
}

/** a^(ORDER - 2), which is 1 / a. */
function inverse(a: bigint): bigint {
  let result = 1n
  for (let base = a % ORDER, rest = ORDER - 2n; rest > 0n; rest >>= 1n, base = (base * base) % ORDER) {
    if (rest & 1n) result = (result * base) % ORDER
  }
  return result
}

/** The same signature with s replaced by order - s: the other of the two that the curve accepts. */
export function otherS(signature: Hex): Hex {
  if (size(signature) !== 64) throw new Error('want r || s')
  return concat([slice(signature, 0, 32), numberToHex(ORDER - BigInt(slice(signature, 32)), { size: 32 })])
}

function domainOf({ chainId, registry }: Place) {
  return { name: 'Fieldproof MachineRegistry', version: '1', chainId, verifyingContract: registry }
}
