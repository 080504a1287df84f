/** The anchor part of the memory store. */
import { FieldproofError } from '@fieldproof/sdk/base'
import type {
  AnchorEvidence,
  AnchorRecord,
  AnchorState,
  AnchorStore,
  EvidenceCover,
  PreparedAnchor,
} from '../anchor/ports.ts'

/** Anchors in memory: for tests and for trying things out. */
export class MemoryAnchors implements AnchorStore {
  readonly #records: AnchorRecord[] = []
  readonly #evidence = new Map<number, AnchorEvidence>()

  async putAnchorIntent(prepared: PreparedAnchor): Promise<AnchorRecord> {
    const record: AnchorRecord = {
      id: this.#records.length + 1,
      state: 'intent',
      head: prepared.head,
      transactions: [prepared],
      mined: null,
    }
    this.#records.push(record)
    return record
  }

  async addAnchorTransaction(id: number, prepared: PreparedAnchor): Promise<void> {
    this.#change(id, (record) => ({ ...record, transactions: [...record.transactions, prepared] }))
  }

  async setAnchorState(id: number, state: AnchorState, mined: AnchorRecord['mined']): Promise<void> {
    this.#change(id, (record) => ({ ...record, state, mined }))
  }

  async setAnchorEvidence(id: number, evidence: AnchorEvidence): Promise<void> {
    this.#change(id, (record) => record) // there must be one
    this.#evidence.set(id, evidence)
  }

  async anchorCover(id: number): Promise<EvidenceCover | null> {
    return this.#evidence.get(id) ?? null
  }

  async anchorEvidence(id: number): Promise<AnchorEvidence | null> {
    return this.#evidence.get(id) ?? null
  }

  async anchorsIn(state: AnchorState): Promise<readonly AnchorRecord[]> {
    return this.#records.filter((record) => record.state === state)
  }

  async newestFinalAnchor(): Promise<AnchorRecord | null> {
    return this.#final().at(-1) ?? null
  }

  async finalAnchorCovering(leafIndex: number): Promise<AnchorRecord | null> {
    return this.#final().find((record) => record.head.size > leafIndex) ?? null
  }

  #final(): AnchorRecord[] {
    return this.#records.filter((record) => record.state === 'final').sort((a, b) => a.head.size - b.head.size)
  }

  #change(id: number, change: (record: AnchorRecord) => AnchorRecord): void {
    const record = this.#records[id - 1]
    if (record === undefined) throw new FieldproofError('not-found', `there is no anchor ${id}`)
    this.#records[id - 1] = change(record)
  }
}
