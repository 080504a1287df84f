/** Reads a value out of the nodes of a Merkle Patricia trie, from the Yellow Paper (appendix D) alone, by other code than ours. */
import { equalBytes, fromHex, toHex } from '@fieldproof/sdk/base'
import { fromRlp, keccak256 } from 'viem'

type Node = readonly Uint8Array[]

/** The RLP value under `key`, whose hash is the path. Throws when the nodes do not lead there from `root`. */
export function provenValue(root: Uint8Array, key: Uint8Array, nodes: readonly Uint8Array[]): Uint8Array {
  let path = toHex(keccak256(key, 'bytes'))
  let want = root
  for (;;) {
    const bytes = nodes.find((node) => equalBytes(keccak256(node, 'bytes'), want))
    if (bytes === undefined) throw new Error('no node has the hash that its parent names')
    const node = fromRlp(bytes, 'bytes') as Node
    if (node.length === 17) {
      want = part(node, Number.parseInt(path.charAt(0), 16))
      path = path.slice(1)
      continue
    }
    const encoded = toHex(part(node, 0))
    const flag = Number.parseInt(encoded.charAt(0), 16)
    const segment = encoded.slice(flag % 2 === 1 ? 1 : 2)
    if (!path.startsWith(segment)) throw new Error('the proof is of another key')
    path = path.slice(segment.length)
    want = part(node, 1)
    if (flag < 2) continue // an extension
    if (path !== '') throw new Error('the leaf comes too early')
    return want
  }
}

/** Storage root in the RLP of an account. */
export function storageRootOf(account: Uint8Array): Uint8Array {
  return part(fromRlp(account, 'bytes') as Node, 2)
}

/** A storage value as a 32-byte word. */
export function wordOfRlp(value: Uint8Array): Uint8Array {
  return fromHex(toHex(fromRlp(value, 'bytes') as Uint8Array).padStart(64, '0'))
}

/** State root in the RLP of a header: its fourth field. */
export function stateRootOf(header: Uint8Array): Uint8Array {
  return part(fromRlp(header, 'bytes') as Node, 3)
}

function part(node: Node, index: number): Uint8Array {
  const value = node[index]
  if (value === undefined) throw new Error('a node has too few items')
  return value
}
