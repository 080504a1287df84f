/**
 * What is known from earlier tries to collect the evidence of one anchor. An endpoint that limits its rate then gives the
 * rest at the next try, and one that cannot say something about a beacon does not stop the anchor for ever.
 */
import { equalBytes, type Hash32 } from '@fieldproof/sdk/base'
import type { Header } from './header.ts'
import type { NodeMemory } from './storage-proof.ts'

/** Tries in a row that bring nothing new about the beacons before what is missing of them is left out. */
const MAX_BEACON_TRIES = 5

/** Memory of the tries for one anchor. */
export class EvidenceMemory {
  /** Headers of blocks that may be beacons. */
  readonly headers: Map<number, Header> = new Map()
  readonly #nodes = new Map<string, readonly Uint8Array[]>()
  #of: Hash32 | null = null
  #beaconTries = 0
  #headersBefore = 0

  /** Whether a beacon that no node wants to speak about is left out now. */
  get isPatienceOver(): boolean {
    return this.#beaconTries >= MAX_BEACON_TRIES
  }

  /** Nodes of the state after a block, without those of other states. */
  nodesOf(blockHash: Hash32): NodeMemory {
    return {
      get: (question) => (this.#isOf(blockHash) ? this.#nodes.get(question) : undefined),
      set: (question, nodes) => {
        if (!this.#isOf(blockHash)) this.#nodes.clear()
        this.#of = blockHash
        this.#nodes.set(question, nodes)
      },
    }
  }

  /** The nodes prove nothing: another try asks for all of them. */
  forgetNodes(): void {
    this.#nodes.clear()
  }

  /** A try failed at the beacons. */
  countBeaconFailure(): void {
    this.#beaconTries = this.headers.size > this.#headersBefore ? 1 : this.#beaconTries + 1
    this.#headersBefore = this.headers.size
  }

  #isOf(blockHash: Hash32): boolean {
    return this.#of !== null && equalBytes(this.#of, blockHash)
  }
}
