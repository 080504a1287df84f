/** Tries are built by another implementation (@ethereumjs/mpt), as nodes build them: keys hashed, values RLP. */
import { createMerkleProof, createMPT, createMPTFromProof, type MerklePatriciaTrie } from '@ethereumjs/mpt'
import { RLP } from '@ethereumjs/rlp'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Hash32, hash32, toHex } from '../../src/base/index.ts'
import { keccak256 } from '../../src/evm/index.ts'
import { type NodeSource, OrderedNodes, trieValue } from '../../src/evm/trie.ts'

/** A number as a 32-byte key. */
function key(i: number): Uint8Array {
  const out = new Uint8Array(32)
  new DataView(out.buffer).setUint32(28, i)
  return out
}

async function trieOf(entries: readonly (readonly [Uint8Array, Uint8Array])[]): Promise<MerklePatriciaTrie> {
  const trie = await createMPT({ useKeyHashing: true })
  for (const [k, v] of entries) await trie.put(k, v)
  return trie
}

const value = (i: number): Uint8Array => new Uint8Array(RLP.encode(Uint8Array.of(1 + (i % 255), i >> 8, 7)))
let trie: MerklePatriciaTrie
let root: Hash32

beforeAll(async () => {
  trie = await trieOf(Array.from({ length: 600 }, (_, i) => [key(i), value(i)] as const))
  root = hash32(trie.root())
})

describe('a trie value', () => {
  it('is read from the nodes of its proof, in their order', async () => {
    for (let i = 0; i < 600; i += 7) {
      const nodes = new OrderedNodes(await createMerkleProof(trie, key(i)))
      expect(trieValue(root, key(i), nodes.source)).toEqual(value(i))
      nodes.assertAllRead()
    }
  })

  it('is read again from nodes that were read before', async () => {
    const proof = await createMerkleProof(trie, key(3))
    const nodes = new OrderedNodes(proof)
    trieValue(root, key(3), nodes.source)
    expect(trieValue(root, key(3), nodes.source)).toEqual(value(3))
  })

  it('of a trie with a single entry is its leaf', async () => {
    const single = await trieOf([[key(1), value(1)]])
    const nodes = new OrderedNodes(await createMerkleProof(single, key(1)))
    expect(trieValue(hash32(single.root()), key(1), nodes.source)).toEqual(value(1))
  })

  it('is found where nodes are embedded in their parents', async () => {
    // Without key hashing a shared prefix of 30 bytes leaves leaves shorter than a hash.
    const plain = await createMPT()
    const prefix = toHex(keccak256(key(0))).slice(0, 62)
    for (const end of ['00', '01', '23']) {
      await plain.put(Buffer.from(prefix + end, 'hex'), Uint8Array.of(5))
    }
    const bytes = Buffer.from(prefix + toHex(keccak256(key(0))).slice(62), 'hex')
    await plain.put(bytes, Uint8Array.of(9))
    const proof = await createMerkleProof(plain, bytes)
    expect(proof.length).toBeLessThan(4)
    expect(trieValue(hash32(plain.root()), key(0), new OrderedNodes(proof).source)).toEqual(Uint8Array.of(9))
  })

  it('that is not there is refused: absence is not proven here', async () => {
    for (let i = 600; i < 640; i++) {
      const proof = await createMerkleProof(trie, key(i))
      expect(() => trieValue(root, key(i), new OrderedNodes(proof).source)).toThrow('no value there')
    }
  })

  it('is refused when any bit of any node is another', async () => {
    const proof = await createMerkleProof(trie, key(42))
    for (const [at, node] of proof.entries()) {
      for (let bit = 0; bit < node.length * 8; bit++) {
        const flipped = Uint8Array.from(node)
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        const nodes = new OrderedNodes(proof.with(at, flipped))
        expect(() => trieValue(root, key(42), nodes.source)).toThrow('not the hash')
      }
    }
  })

  it('is refused when a node is missing, doubled, exchanged or unused', async () => {
    const proof = await createMerkleProof(trie, key(42))
    const read = (nodes: readonly Uint8Array[]) => () => {
      const ordered = new OrderedNodes(nodes)
      trieValue(root, key(42), ordered.source)
      ordered.assertAllRead()
    }
    for (let i = 0; i < proof.length; i++) {
      expect(read(proof.toSpliced(i, 1))).toThrow()
      expect(read(proof.toSpliced(i, 0, proof[i] as Uint8Array))).toThrow()
    }
    expect(read([...proof].reverse())).toThrow()
    expect(read([...proof, Uint8Array.of(0xc0)])).toThrow('used by nothing')
    expect(read(proof)).not.toThrow()
  })

  it('agrees with the other implementation about which proofs hold', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(599), fc.nat(700), async (proven, asked) => {
        const proof = await createMerkleProof(trie, key(proven))
        const theirs = await createMPTFromProof(proof, { useKeyHashing: true, root: trie.root() })
          .then((t) => t.get(key(asked), true))
          .catch(() => null)
        let ours: Uint8Array | null = null
        try {
          ours = trieValue(root, key(asked), new OrderedNodes(proof).source)
        } catch {
          ours = null // the question is whether both find a value
        }
        expect(ours && toHex(ours)).toBe(theirs && toHex(theirs))
      }),
      { seed: 3, numRuns: 100 },
    )
  })
})

describe('a trie made to hold a walk', () => {
  const nodesOf = (...nodes: Uint8Array[]): NodeSource => {
    const byHash = new Map(nodes.map((node) => [toHex(keccak256(node)), node]))
    return (hash) => byHash.get(toHex(hash)) ?? expect.fail('no such node')
  }
  const at = (node: Uint8Array): Hash32 => keccak256(node)
  const path = toHex(keccak256(key(0)))
  const rlp = (value: unknown): Uint8Array => new Uint8Array(RLP.encode(value as never))
  const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'))

  it.each([
    ['an extension that goes nowhere', rlp([bytes('00'), new Uint8Array(32)])],
    ['a leaf that stands too early', rlp([bytes(`20${path.slice(0, 2)}`), bytes('05')])],
    ['a leaf of another key', rlp([bytes(`20${'00'.repeat(32)}`), bytes('05')])],
    ['a path with an unknown flag', rlp([bytes(`40${path}`), bytes('05')])],
    ['a path with padding that is not zero', rlp([bytes(`21${path}`), bytes('05')])],
    ['an empty path', rlp([new Uint8Array(), bytes('05')])],
    ['a value that is a list', rlp([bytes(`20${path}`), [bytes('05')]])],
    ['three items', rlp([bytes('20'), bytes('05'), bytes('05')])],
    ['a string', rlp(bytes('05'))],
    ['a branch without children', rlp(Array.from({ length: 17 }, () => new Uint8Array()))],
    ['a child of 31 bytes', rlp(Array.from({ length: 17 }, () => new Uint8Array(31)))],
  ])('refuses %s', (_name, node) => {
    expect(() => trieValue(at(node), key(0), nodesOf(node))).toThrow(expect.objectContaining({ code: 'proof-invalid' }))
  })

  it('refuses a node over 1024 bytes', () => {
    const node = rlp(Array.from({ length: 17 }, () => new Uint8Array(80)))
    expect(() => trieValue(at(node), key(0), new OrderedNodes([node]).source)).toThrow(
      expect.objectContaining({ code: 'proof-invalid' }),
    )
  })
})
