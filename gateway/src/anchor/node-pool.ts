/** Trie nodes in a heap, found by their hash: from a node before they are stored, from the store before they are given away. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { FieldproofError, type Hash32, toHex } from '@fieldproof/sdk/base'
import { keccak256, type NodeSource } from '@fieldproof/sdk/evm'

const AT_ONCE = 256

/** Nodes by their own hash, so that no node can stand for another. */
export class NodePool {
  readonly #nodes = new Map<string, Uint8Array>()

  constructor(nodes: Iterable<Uint8Array> = []) {
    this.add(nodes)
  }

  add(nodes: Iterable<Uint8Array>): void {
    for (const node of nodes) this.#nodes.set(toHex(keccak256(node)), node)
  }

  /** As {@link add}, in groups: hashing thousands of nodes takes long, and others wait meanwhile. */
  async addGently(nodes: readonly Uint8Array[]): Promise<void> {
    for (let from = 0; from < nodes.length; from += AT_ONCE) {
      this.add(nodes.slice(from, from + AT_ONCE))
      await nextTurn()
    }
  }

  /** Starts a reading that remembers what it used. */
  reader(): PoolReader {
    return new PoolReader(this.#nodes)
  }
}

/** One reading of a pool. */
export class PoolReader {
  readonly #nodes: ReadonlyMap<string, Uint8Array>
  readonly #used = new Map<string, Uint8Array>()
  #isIncomplete = false

  constructor(nodes: ReadonlyMap<string, Uint8Array>) {
    this.#nodes = nodes
  }

  /** @throws FieldproofError `proof-invalid` when the node is not in the pool */
  readonly source: NodeSource = (hash: Hash32) => {
    const name = toHex(hash)
    const node = this.#nodes.get(name)
    if (node === undefined) {
      this.#isIncomplete = true
      throw new FieldproofError('proof-invalid', 'state: a trie node is missing')
    }
    this.#used.set(name, node)
    return node
  }

  /** Whether a node was asked for that is not there: what could not be read then may be in the state all the same. */
  get isIncomplete(): boolean {
    return this.#isIncomplete
  }

  /** Nodes that were read, each once, in the order of their first use. */
  get used(): readonly Uint8Array[] {
    return [...this.#used.values()]
  }
}

/**
 * Those of the items that can be read. All are tried at once, which is the common case; what fails is tried again in halves.
 * @param canRead reads a group, all of it or nothing
 */
export function readable<T>(items: readonly T[], canRead: (group: readonly T[]) => boolean): readonly T[] {
  if (items.length === 0 || canRead(items)) return items
  if (items.length === 1) return []
  const middle = items.length >> 1
  return [...readable(items.slice(0, middle), canRead), ...readable(items.slice(middle), canRead)]
}
