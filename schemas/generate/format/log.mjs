/** Genesis, log id, checkpoint and tiles (spec 04-log). */
import { keccak_256 } from '@noble/hashes/sha3.js'
import { concat, hex, isBytes, isUint, must, sameBytes, sha256, uint32be, utf8 } from './bytes.mjs'
import { cbor, uncbor } from './cbor.mjs'
import { ed25519Sign, ed25519Verify } from './ed25519.mjs'
import { leafHash, root } from './merkle.mjs'

const ORIGIN = /^[!-*,-~]{1,128}$/
const CAIP2 = /^[-a-z0-9]{3,8}:[-_a-zA-Z0-9]{1,32}$/
export const isCaip2 = (text) => typeof text === 'string' && CAIP2.test(text)

/** Leaf 0 of {origin, publicKey, caip2, anchorLog, predecessor: null | [logId, size]}. */
export const encodeGenesis = ({ origin, publicKey, caip2, anchorLog, predecessor = null }) =>
  cbor(['fieldproof-genesis', 1, origin, publicKey, caip2, anchorLog, predecessor])

/** @throws Refused genesis-invalid, or a code of uncbor */
export function readGenesis(bytes) {
  const invalid = (condition, message) => must(condition, 'genesis-invalid', message)
  const item = uncbor(bytes, 'genesis')
  invalid(Array.isArray(item) && item.length === 7, 'shape')
  const [type, version, origin, publicKey, caip2, anchorLog, predecessor] = item
  invalid(type === 'fieldproof-genesis' && version === 1, 'type or version')
  invalid(typeof origin === 'string' && ORIGIN.test(origin), 'origin')
  invalid(isBytes(publicKey, 32) && isCaip2(caip2) && isBytes(anchorLog, 20), 'key, chain or contract')
  if (predecessor !== null) {
    invalid(Array.isArray(predecessor) && predecessor.length === 2, 'predecessor')
    invalid(isBytes(predecessor[0], 32) && isUint(predecessor[1]) && predecessor[1] >= 1, 'predecessor')
  }
  return { origin, publicKey, caip2, anchorLog, predecessor }
}

/** keccak256(abi.encode(owner, genesis leaf hash)). */
export const logIdOf = (owner, genesis) => keccak_256(concat(new Uint8Array(12), owner, leafHash(genesis)))

const base64 = (bytes) => Buffer.from(bytes).toString('base64')
const keyId = (origin, publicKey) => sha256(utf8(origin), Uint8Array.of(0x0a, 0x01), publicKey).slice(0, 4)

/** C2SP signed note verifier key. */
export const vkey = (origin, publicKey) =>
  `${origin}+${hex(keyId(origin, publicKey))}+${base64(concat(Uint8Array.of(1), publicKey))}`

/** C2SP checkpoint, signed with the log's seed. */
export function checkpoint({ origin, size, root, publicKey, seed }) {
  const text = `${origin}\n${size}\n${base64(root)}\n`
  return `${text}\n${noteSignature(origin, keyId(origin, publicKey), ed25519Sign(seed, utf8(text)))}`
}

export const noteSignature = (name, id, signature) => `— ${name} ${base64(concat(id, signature))}\n`

const fromBase64 = (text) => {
  const bytes = new Uint8Array(Buffer.from(text, 'base64'))
  return base64(bytes) === text ? bytes : null
}

/** Reads a checkpoint of a known log; lines of other signers pass. @throws Refused checkpoint-invalid */
export function readCheckpoint(note, { origin, publicKey }) {
  const invalid = (condition, message) => must(condition, 'checkpoint-invalid', message)
  const end = note.lastIndexOf('\n\n')
  invalid(end >= 0 && note.endsWith('\n'), 'no signatures')
  const text = note.slice(0, end + 1)
  const [name, size, digest, ...rest] = text.split('\n')
  invalid(name === origin && rest.length === 1, 'origin or lines')
  invalid(/^(0|[1-9][0-9]*)$/.test(size) && isUint(Number(size)) && Number(size) >= 1, 'size')
  const treeRoot = fromBase64(digest)
  invalid(treeRoot?.length === 32, 'root')
  const lines = note.slice(end + 2, -1).split('\n')
  const own = lines.flatMap((line) => {
    const [dash, signer, encoded, ...more] = line.split(' ')
    const bytes = fromBase64(encoded ?? '')
    invalid(dash === '—' && signer && more.length === 0 && bytes?.length >= 5, 'signature line')
    return signer === origin && sameBytes(bytes.slice(0, 4), keyId(origin, publicKey)) ? [bytes.slice(4)] : []
  })
  invalid(own.length > 0 && own.every((s) => ed25519Verify(publicKey, utf8(text), s)), 'signature')
  return { size: Number(size), root: treeRoot }
}

/** tlog-tiles path of tile N at level L ('entries' for entry bundles), of W hashes. */
export function tilePath(level, index, width) {
  const digits = String(index).padStart(Math.ceil(String(index).length / 3) * 3, '0')
  const groups = digits.match(/.{3}/g)
  const number = groups.map((group, i) => (i < groups.length - 1 ? `x${group}` : group)).join('/')
  return `tile/${level}/${number}${width < 256 ? `.p/${width}` : ''}`
}

/** Hashes of a tile: each is the root of 256^level leaves. */
export function tileHashes(leaves, level, index) {
  const span = 256 ** level
  const hashes = []
  for (let at = index * 256 * span; hashes.length < 256 && at + span <= leaves.length; at += span)
    hashes.push(root(leaves.slice(at, at + span)))
  return hashes
}

/** Entry bundle: each entry after its length in two bytes. */
export const entryBundle = (entries) => concat(...entries.flatMap((entry) => [uint32be(entry.length).slice(2), entry]))
