/**
 * States of anchors for offline proofs. Evidence of an anchor can hold thousands of trie nodes: what it covers is looked at
 * first, nodes are hashed in groups, and the last few states are kept.
 */
import { type MachineId, machineIdBytes, toHex } from '@fieldproof/sdk/base'
import { type Header, readHeader } from '@fieldproof/sdk/evm'
import type { NamedSigner } from '@fieldproof/sdk/verify'
import { type AnchorRecord, type AnchorStore, NodePool } from '../anchor/index.ts'
import { Recent } from './recent.ts'
import { Turns } from './turns.ts'

/** A header and the bytes that it was read from. */
export interface StoredHeader extends Header {
  readonly rlp: Uint8Array
}

/** The state of an anchor, ready to be read. */
export interface OpenedState {
  readonly header: StoredHeader
  readonly pool: NodePool
  /** Headers of blocks that statements name. */
  readonly beacons: readonly StoredHeader[]
}

/** Names of keys and machines, in hex. */
type Cover = ReadonlySet<string>

/** Of a gateway with 4096 keys: about 1 MB a cover, 8 MB a state. */
const COVERS_KEPT = 16
const STATES_KEPT = 4
/** Proofs that run or wait. */
const MAX_WAITING = 32

/** Evidence as a store keeps it, opened. */
export class AnchorStates {
  readonly #store: Pick<AnchorStore, 'anchorCover' | 'anchorEvidence'>
  readonly #covers = new Recent<Cover | null>(COVERS_KEPT)
  readonly #states = new Recent<OpenedState | null>(STATES_KEPT)
  readonly #turns = new Turns(MAX_WAITING)

  constructor(store: Pick<AnchorStore, 'anchorCover' | 'anchorEvidence'>) {
    this.#store = store
  }

  /** One proof at a time. @throws FieldproofError `gateway-busy` */
  inTurn<T>(task: () => Promise<T>): Promise<T> {
    return this.#turns.run(task)
  }

  /** Whether the evidence of an anchor shows keys and homes of all signers. */
  async covers(anchor: AnchorRecord, signers: readonly NamedSigner[]): Promise<boolean> {
    const cover = await this.#covers.get(nameOf(anchor), () => this.#cover(anchor.id))
    return (
      cover !== null &&
      signers.every(
        ({ thumbprint, signed }) => cover.has(toHex(thumbprint)) && cover.has(nameOfMachine(signed.statement.machine)),
      )
    )
  }

  /** The state of an anchor, or null when none is stored. @throws FieldproofError `store-corrupt`, `proof-invalid` */
  open(anchor: AnchorRecord): Promise<OpenedState | null> {
    return this.#states.get(nameOf(anchor), () => this.#open(anchor.id))
  }

  async #cover(id: number): Promise<Cover | null> {
    const cover = await this.#store.anchorCover(id)
    return cover && new Set([...cover.keys, ...cover.machines].map(toHex))
  }

  async #open(id: number): Promise<OpenedState | null> {
    const evidence = await this.#store.anchorEvidence(id)
    if (evidence === null) return null
    const pool = new NodePool()
    await pool.addGently(evidence.nodes)
    return { header: stored(evidence.header), pool, beacons: evidence.beaconHeaders.map(stored) }
  }
}

/** An anchor that was undone is anchored again in another block, with other evidence. */
function nameOf({ id, mined }: AnchorRecord): string {
  return `${id} ${mined === null ? '' : toHex(mined.blockHash)}`
}

function nameOfMachine(machine: MachineId): string {
  return toHex(machineIdBytes(machine))
}

function stored(rlp: Uint8Array): StoredHeader {
  return { ...readHeader(rlp), rlp }
}
