/** RFC 9942 receipts (spec 05-receipt). */
import { isBytes, isUint, must, sameBytes } from './bytes.mjs'
import { cbor, uncbor, uncose } from './cbor.mjs'
import { ed25519Verify } from './ed25519.mjs'
import { ed25519Key, kid } from './keys.mjs'
import { leafHash, rootOfPath } from './merkle.mjs'
import { readReceiptMessage } from './messages.mjs'
import { cose, sigStructure } from './statement.mjs'

export const RECEIPT_TYP = 'application/fp-receipt+cose'

export const receiptHeader = ({ publicKey, origin, size, ...overrides }) =>
  cbor(
    new Map([
      [1, overrides.alg ?? -19],
      [4, overrides.keyId ?? kid(ed25519Key(publicKey))],
      [15, new Map([[1, origin]])],
      [16, overrides.typ ?? RECEIPT_TYP],
      [395, overrides.vds ?? 1],
      [-65537, size],
    ]),
  )

export const receiptProof = (size, index, path) => new Map([[396, new Map([[-1, [cbor([size, index, path])]]])]])

/** Receipt of an entry: {bytes, header, tbs, signature}. `log`: {publicKey, origin, sign}. */
export function signReceipt({ log, size, index, path, root }) {
  const header = receiptHeader({ ...log, size })
  const tbs = sigStructure(header, root)
  const signature = log.sign(tbs)
  return { bytes: cose(header, receiptProof(size, index, path), null, signature), header, tbs, signature }
}

/** What the log signs of an anchor: a head of the log, and where it stands. `anchor`: the six items of the message. */
export const anchorWord = ({ origin, size, root, anchor }) => cbor(['fieldproof-anchor', 1, origin, size, root, anchor])

/** Checks a whole anchored message. @throws Refused like readReceipt, message-invalid */
export function readAnchored(message, trusted) {
  const { receipt, anchor, signature } = readReceiptMessage(message)
  const proven = readReceipt(receipt, trusted)
  const word = anchorWord({ ...proven, origin: trusted.origin, anchor: Object.values(anchor) })
  must(ed25519Verify(trusted.publicKey, word, signature), 'bad-signature', 'signature over the anchor')
  return { ...proven, word }
}

const invalid = (condition, message) => must(condition, 'receipt-invalid', message)
const onlyKey = (map, key) => (map instanceof Map && map.size === 1 && map.has(key) ? map.get(key) : undefined)

/** Checks that a log's receipt holds an entry. @throws Refused receipt-invalid, bad-signature, unknown-key, proof-invalid, … */
export function readReceipt(bytes, { entry, origin, publicKey }) {
  const item = uncose(bytes, 'receipt', 'receipt-invalid')
  invalid(Array.isArray(item) && item.length === 4, 'not a COSE_Sign1')
  const [header, unprotected, payload, signature] = item
  invalid(isBytes(header) && payload === null && isBytes(signature, 64), 'COSE_Sign1 shape')
  const map = uncbor(header, 'protected header')
  invalid(map instanceof Map && map.size === 6, 'keys of the protected header')
  invalid(map.get(1) === -19 && map.get(16) === RECEIPT_TYP && map.get(395) === 1, 'alg, typ or vds')
  invalid(isBytes(map.get(4), 16) && isUint(map.get(-65537)), 'kid or size')
  invalid(onlyKey(map.get(15), 1) === origin, 'origin')
  const proofs = onlyKey(onlyKey(unprotected, 396), -1)
  invalid(Array.isArray(proofs) && proofs.length === 1 && isBytes(proofs[0]), 'inclusion proof')
  const proof = uncbor(proofs[0], 'inclusion proof')
  invalid(Array.isArray(proof) && proof.length === 3 && Array.isArray(proof[2]), 'inclusion proof')
  const [size, index, path] = proof
  invalid(isUint(size) && isUint(index) && path.every((node) => isBytes(node, 32)), 'inclusion proof')
  invalid(size === map.get(-65537), 'size of the proof and signed size differ')
  invalid(index >= 1 && index < size, 'index')
  must(sameBytes(map.get(4), kid(ed25519Key(publicKey))), 'unknown-key', 'kid of another log')
  const root = rootOfPath(leafHash(entry), index, size, path)
  must(root, 'proof-invalid', 'length of the path')
  const tbs = sigStructure(header, root)
  must(ed25519Verify(publicKey, tbs, signature), 'bad-signature', 'signature')
  return { size, index, path, root, tbs }
}
