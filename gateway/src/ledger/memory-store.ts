/** The store in memory: for tests, and for trying a gateway out. Durable until the process ends. */
import { equalBytes, FieldproofError, type Hash32, type MachineId, type StatementId, toHex } from '@fieldproof/sdk/base'
import { expectAdvance } from './checkpoint-rule.ts'
import { filledBy, heldTwin, linkOf } from './history-link.ts'
import { MemoryAnchors } from './memory-anchors.ts'
import {
  type AppendOutcome,
  type BatchQuery,
  type CheckpointRow,
  type CheckpointSignatures,
  type Fork,
  type LeafId,
  type LogEntry,
  type MachineSummary,
  REFUSALS_KEPT,
  type Refusal,
  type Store,
  type StoredKey,
  type StoredLeaf,
} from './store.ts'
import { WithAnchors } from './with-anchors.ts'

/** {@link Store} without a disk. */
export class MemoryStore extends WithAnchors implements Store {
  #genesis: { bytes: Uint8Array; leafHash: Hash32 } | null = null
  /** Leaf i stands at i - 1. */
  readonly #leaves: StoredLeaf[] = []
  readonly #bySequence = new Map<string, StoredLeaf[]>()
  readonly #refusals: Refusal[] = []
  readonly #forks: Fork[] = []
  readonly #checkpoints: CheckpointRow[] = []
  readonly #keys = new Map<string, StoredKey>()
  readonly #definitions = new Map<string, Uint8Array>()
  readonly #software = new Map<MachineId, string>()
  readonly #told = new Map<MachineId, number>()

  constructor() {
    super(new MemoryAnchors())
  }

  async create(genesis: Uint8Array, leafHash: Hash32): Promise<void> {
    if (this.#genesis !== null) throw new FieldproofError('key-exists', 'this store holds a log already')
    this.#genesis = { bytes: genesis, leafHash }
  }

  async genesis(): Promise<Uint8Array | null> {
    return this.#genesis?.bytes ?? null
  }

  async append(entries: readonly LogEntry[], refusals: readonly Refusal[]): Promise<readonly AppendOutcome[]> {
    for (const refusal of refusals) this.#refusals.push(refusal)
    if (this.#refusals.length > REFUSALS_KEPT.count) {
      this.#refusals.splice(0, this.#refusals.length - REFUSALS_KEPT.count)
    }
    return entries.map((entry) => this.#appendOne(entry))
  }

  async leafCount(): Promise<number> {
    return this.#genesis === null ? 0 : this.#leaves.length + 1
  }

  async readLeaves(from: number, to: number): Promise<readonly { bytes: Uint8Array; leafHash: Uint8Array }[]> {
    const genesis = from === 0 && to > 0 && this.#genesis !== null ? [this.#genesis] : []
    const leaves = await this.leaves(Math.max(1, from), to)
    return [...genesis, ...leaves.map(({ statement, leafHash }) => ({ bytes: statement, leafHash }))]
  }

  async leaves(from: number, to: number): Promise<readonly StoredLeaf[]> {
    return this.#leaves.slice(Math.max(0, from - 1), Math.max(0, to - 1))
  }

  async leavesAt(machine: MachineId, sequence: number): Promise<readonly StoredLeaf[]> {
    return this.#at(machine, sequence)
  }

  async newestLeaf(machine: MachineId): Promise<StoredLeaf | null> {
    let newest: StoredLeaf | null = null
    for (const leaf of this.#leaves) {
      if (leaf.machine === machine && leaf.sequence >= (newest?.sequence ?? 0)) newest = leaf
    }
    return newest
  }

  async idsOf(machine: MachineId, from: number, to: number, limit: number): Promise<readonly LeafId[]> {
    const leaves = await this.leaves(Math.max(1, from), to)
    return leaves.filter((leaf) => leaf.machine === machine).slice(0, limit)
  }

  async batches({ machine, stream, from, below, limit, newestFirst }: BatchQuery): Promise<readonly StoredLeaf[]> {
    const sign = newestFirst ? -1 : 1
    return this.#leaves
      .filter((l) => l.index < below && l.machine === machine && l.stream === stream && (l.times?.last ?? -1) >= from)
      .sort((a, b) => sign * ((a.times?.last ?? 0) - (b.times?.last ?? 0) || a.index - b.index))
      .slice(0, limit)
  }

  async streams(machine: MachineId): Promise<readonly string[]> {
    return [...new Set(this.#leaves.filter((leaf) => leaf.machine === machine).map((leaf) => leaf.stream))].sort()
  }

  async refusals(limit: number): Promise<readonly Refusal[]> {
    return this.#refusals.slice(-limit).reverse()
  }

  async forks(): Promise<readonly Fork[]> {
    return [...this.#forks]
  }

  async advanceCheckpoint(
    expected: { size: number; root: Hash32 } | null,
    next: { size: number; root: Hash32 },
  ): Promise<void> {
    expectAdvance(this.#checkpoints.at(-1) ?? null, expected, next)
    this.#checkpoints.push({ ...next, signatures: null })
  }

  async signCheckpoint(size: number, signatures: CheckpointSignatures): Promise<void> {
    const at = this.#checkpoints.findIndex((row) => row.size === size)
    const row = this.#checkpoints[at]
    if (row === undefined) throw new FieldproofError('not-found', `there is no checkpoint of size ${size}`)
    this.#checkpoints[at] = { ...row, signatures }
  }

  async newestCheckpoint(): Promise<CheckpointRow | null> {
    return this.#checkpoints.at(-1) ?? null
  }

  async checkpointCovering(index: number): Promise<CheckpointRow | null> {
    return this.#checkpoints.find((row) => row.size > index) ?? null
  }

  async putBirth(key: StoredKey, definitions: ReadonlyMap<Hash32, Uint8Array>, software: string): Promise<void> {
    this.#keys.set(toHex(key.thumbprint), key)
    for (const [hash, bytes] of definitions) this.#definitions.set(toHex(hash), bytes)
    this.#software.set(key.machine, software)
  }

  async putKey(key: StoredKey): Promise<void> {
    this.#keys.set(toHex(key.thumbprint), key)
  }

  async keys(): Promise<readonly StoredKey[]> {
    return [...this.#keys.values()]
  }

  async definition(hash: Hash32): Promise<Uint8Array | null> {
    return this.#definitions.get(toHex(hash)) ?? null
  }

  async machines(): Promise<readonly MachineSummary[]> {
    return [...this.#software].map(([machine, software]) => this.#summary(machine, software))
  }

  async told(machine: MachineId): Promise<number> {
    return this.#told.get(machine) ?? 0
  }

  async setTold(machines: readonly MachineId[], size: number): Promise<void> {
    for (const machine of machines) this.#told.set(machine, size)
  }

  async tidy(): Promise<void> {}

  async close(): Promise<void> {}

  #appendOne(entry: LogEntry): AppendOutcome {
    const { machine, sequence } = entry
    const around = [sequence - 1, sequence, sequence + 1].flatMap((s) => this.#at(machine, s))
    const twin = heldTwin(entry, around)
    if (twin !== undefined) {
      if (equalBytes(twin.id, entry.id)) return { kind: 'duplicate', index: twin.index }
      this.#addFork(entry, twin.index)
      return { kind: 'fork', index: twin.index }
    }
    const leaf: StoredLeaf = { ...entry, index: this.#leaves.length + 1, link: linkOf(entry, around) }
    this.#place(leaf)
    for (const { index } of filledBy(entry, around)) {
      const gap = this.#leaves[index - 1]
      if (gap !== undefined) this.#place({ ...gap, link: 'linked' })
    }
    return { kind: 'logged', index: leaf.index, link: leaf.link }
  }

  #place(leaf: StoredLeaf): void {
    this.#leaves[leaf.index - 1] = leaf
    const others = this.#at(leaf.machine, leaf.sequence).filter(({ index }) => index !== leaf.index)
    this.#bySequence.set(`${leaf.machine} ${leaf.sequence}`, [...others, leaf])
  }

  #addFork(entry: LogEntry, index: number): void {
    if (this.#forks.some(({ id }) => equalBytes(id, entry.id))) return
    const { machine, message, receivedAt } = entry
    const id: StatementId = entry.id
    this.#forks.push({ machine, index, id, message, receivedAt })
  }

  #at(machine: MachineId, sequence: number): readonly StoredLeaf[] {
    return this.#bySequence.get(`${machine} ${sequence}`) ?? []
  }

  #summary(machine: MachineId, software: string): MachineSummary {
    const leaves = this.#leaves.filter((leaf) => leaf.machine === machine)
    return {
      machine,
      software,
      batches: leaves.length,
      rows: leaves.reduce((sum, leaf) => sum + leaf.rowCount, 0),
      sequence: Math.max(0, ...leaves.map((leaf) => leaf.sequence)),
      lastReceivedAt: leaves.at(-1)?.receivedAt ?? null,
      branches: leaves.filter((leaf) => leaf.link === 'branch').length,
      forks: this.#forks.filter((fork) => fork.machine === machine).length,
    }
  }
}
