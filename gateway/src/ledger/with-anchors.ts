/** The anchors' part of a store: each store keeps them in a part of its own, and answers for it. */
import type {
  AnchorEvidence,
  AnchorRecord,
  AnchorState,
  AnchorStore,
  EvidenceCover,
  PreparedAnchor,
} from '../anchor/ports.ts'

/** A store whose anchors are kept by another object. */
export abstract class WithAnchors implements AnchorStore {
  readonly #anchors: AnchorStore

  constructor(anchors: AnchorStore) {
    this.#anchors = anchors
  }

  putAnchorIntent(prepared: PreparedAnchor): Promise<AnchorRecord> {
    return this.#anchors.putAnchorIntent(prepared)
  }

  addAnchorTransaction(id: number, prepared: PreparedAnchor): Promise<void> {
    return this.#anchors.addAnchorTransaction(id, prepared)
  }

  setAnchorState(id: number, state: AnchorState, mined: AnchorRecord['mined']): Promise<void> {
    return this.#anchors.setAnchorState(id, state, mined)
  }

  setAnchorEvidence(id: number, evidence: AnchorEvidence): Promise<void> {
    return this.#anchors.setAnchorEvidence(id, evidence)
  }

  anchorCover(id: number): Promise<EvidenceCover | null> {
    return this.#anchors.anchorCover(id)
  }

  anchorEvidence(id: number): Promise<AnchorEvidence | null> {
    return this.#anchors.anchorEvidence(id)
  }

  anchorsIn(state: AnchorState): Promise<readonly AnchorRecord[]> {
    return this.#anchors.anchorsIn(state)
  }

  newestFinalAnchor(): Promise<AnchorRecord | null> {
    return this.#anchors.newestFinalAnchor()
  }

  finalAnchorCovering(leafIndex: number): Promise<AnchorRecord | null> {
    return this.#anchors.finalAnchorCovering(leafIndex)
  }
}
