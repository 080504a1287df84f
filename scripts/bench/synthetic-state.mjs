/**
 * A state as deep as a real chain's, without the chain: tries in which only the asked entries are real and every other
 * child is a random hash, placed with the likelihood that N keccak-hashed keys give it. Its proofs have the size, the shape and
 * the cost of real ones, and lead to a real state root.
 */
import { RLP } from '@ethereumjs/rlp'
import { keccak256 } from '@fieldproof/sdk/evm'

const NIBBLES = '0123456789abcdef'
const hex = (bytes) => Buffer.from(bytes).toString('hex')
const unhex = (text) => new Uint8Array(Buffer.from(text, 'hex'))

/**
 * @param {ReadonlyMap<Uint8Array, Uint8Array>} entries key -> value; keys are hashed as in Ethereum's tries
 * @param {number} size entries of the whole trie
 * @param {() => number} random
 * @returns {{ root: Uint8Array, nodes: Uint8Array[] }}
 */
export function syntheticTrie(entries, size, random) {
  const nodes = []
  const paths = [...entries].map(([key, value]) => ({ path: hex(keccak256(key)), value }))
  const node = (own, depth) => {
    const others = size / 16 ** depth
    if (own.length === 1 && random() >= 1 - Math.exp(-others)) {
      return [compact(own[0].path.slice(depth)), own[0].value]
    }
    const children = [...NIBBLES].map((nibble) => {
      const below = own.filter(({ path }) => path[depth] === nibble)
      if (below.length > 0) return reference(node(below, depth + 1))
      return random() < 1 - Math.exp(-others / 16) ? randomHash(random) : new Uint8Array()
    })
    return [...children, new Uint8Array()]
  }
  const reference = (item) => {
    const bytes = new Uint8Array(RLP.encode(item))
    if (bytes.length < 32) return item
    nodes.push(bytes)
    return keccak256(bytes)
  }
  const top = new Uint8Array(RLP.encode(node(paths, 0)))
  nodes.push(top)
  return { root: keccak256(top), nodes }
}

/** RLP of an account that holds this storage. */
export function account(storageRoot, random) {
  return new Uint8Array(RLP.encode([Uint8Array.of(1), new Uint8Array(), storageRoot, randomHash(random)]))
}

/** RLP of a word: minimal, wrapped once more as tries hold it. */
export function slotValue(word) {
  const digits = hex(word).replace(/^(00)+/, '')
  return new Uint8Array(RLP.encode(unhex(digits)))
}

/** RLP of a header with the 21 fields of a block of today. */
export function headerOf({ number, time, stateRoot }, random) {
  const minimal = (value) => (value === 0 ? new Uint8Array() : unhex(evenHex(value)))
  const hash = () => randomHash(random)
  return new Uint8Array(
    RLP.encode([
      hash(),
      hash(),
      hash().slice(0, 20),
      stateRoot,
      hash(),
      hash(),
      new Uint8Array(256).fill(0x5a),
      new Uint8Array(),
      minimal(number),
      minimal(45_000_000),
      minimal(22_345_678),
      minimal(time),
      new Uint8Array(24).fill(0x66),
      hash(),
      new Uint8Array(8),
      minimal(1_234_567_890),
      hash(),
      minimal(786_432),
      minimal(123_456_789),
      hash(),
      hash(),
    ]),
  )
}

function compact(path) {
  return unhex(path.length % 2 === 1 ? `3${path}` : `20${path}`)
}

function evenHex(value) {
  const digits = value.toString(16)
  return digits.length % 2 === 0 ? digits : `0${digits}`
}

function randomHash(random) {
  return Uint8Array.from({ length: 32 }, () => Math.floor(random() * 256))
}
