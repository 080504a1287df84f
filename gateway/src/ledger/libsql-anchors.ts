/** The anchor tables: A1 (the intent before it is sent) and A2 (what the chain may forget). */
import { FieldproofError, type Hash32, hash32 } from '@fieldproof/sdk/base'
import { type CborLimits, CborReader, type CborValue, decodeCbor, encodeCbor } from '@fieldproof/sdk/wire'
import type { AnchorEvidence, AnchorRecord, AnchorState, AnchorStore, PreparedAnchor } from '../anchor/ports.ts'
import {
  type Cell,
  type CellRow,
  cellBytes,
  cellBytesOrNull,
  cellNumber,
  type DatabaseFile,
  type Query,
} from './libsql-database.ts'

/** Form of the stored evidence. */
const EVIDENCE_VERSION = 1
/** Thousands of keys at once, each some nodes below the shared ones. */
const EVIDENCE_LIMITS: CborLimits = { maxBytes: 64 * 1024 * 1024, maxDepth: 3, maxItems: 131_072 }
/** Evidence can be large, and is not needed to know where an anchor stands. */
const COLUMNS = 'id, state, size, root, tx_hash, block_number, block_hash'
const read = new CborReader('store-corrupt')

/** {@link AnchorStore} on SQLite. */
export class LibsqlAnchors implements AnchorStore {
  readonly #file: DatabaseFile
  readonly #insert: Query
  readonly #insertTransaction: Query
  readonly #transactionsOf: Query

  constructor(file: DatabaseFile) {
    this.#file = file
    this.#insert = file.prepare("INSERT INTO anchors (state, size, root) VALUES ('intent', ?, ?)")
    this.#insertTransaction = file.prepare(
      'INSERT INTO anchor_transactions (anchor, nonce, tx_hash, raw) VALUES (?, ?, ?, ?)',
    )
    this.#transactionsOf = file.prepare('SELECT * FROM anchor_transactions WHERE anchor = ? ORDER BY number')
  }

  async putAnchorIntent(prepared: PreparedAnchor): Promise<AnchorRecord> {
    const { head } = prepared
    const id = this.#file.transaction(() => {
      const inserted = Number(this.#insert.run([head.size, head.root]).lastInsertRowid)
      this.#addTransaction(inserted, prepared)
      return inserted
    })
    return { id, state: 'intent', head, transactions: [prepared], mined: null }
  }

  async addAnchorTransaction(id: number, prepared: PreparedAnchor): Promise<void> {
    this.#file.transaction(() => this.#addTransaction(id, prepared))
  }

  async setAnchorState(id: number, state: AnchorState, mined: AnchorRecord['mined']): Promise<void> {
    this.#change('UPDATE anchors SET state = ?, tx_hash = ?, block_number = ?, block_hash = ? WHERE id = ?', [
      state,
      mined?.txHash ?? null,
      mined?.blockNumber ?? null,
      mined?.blockHash ?? null,
      id,
    ])
  }

  async setAnchorEvidence(id: number, evidence: AnchorEvidence): Promise<void> {
    const { header, nodes, beaconHeaders } = evidence
    const bytes = encodeCbor([EVIDENCE_VERSION, header, nodes, beaconHeaders])
    this.#change('UPDATE anchors SET evidence = ? WHERE id = ?', [bytes, id])
  }

  async anchorEvidence(id: number): Promise<AnchorEvidence | null> {
    const bytes = cellBytesOrNull(
      this.#file.prepare('SELECT evidence FROM anchors WHERE id = ?').get([id])?.['evidence'],
    )
    return bytes && readEvidence(bytes)
  }

  async anchorsIn(state: AnchorState): Promise<readonly AnchorRecord[]> {
    return this.#select('WHERE state = ? ORDER BY id', [state])
  }

  async newestFinalAnchor(): Promise<AnchorRecord | null> {
    return this.#select("WHERE state = 'final' ORDER BY size DESC LIMIT 1", [])[0] ?? null
  }

  async finalAnchorCovering(leafIndex: number): Promise<AnchorRecord | null> {
    return this.#select("WHERE state = 'final' AND size > ? ORDER BY size LIMIT 1", [leafIndex])[0] ?? null
  }

  #addTransaction(id: number, prepared: PreparedAnchor): void {
    this.#insertTransaction.run([id, prepared.nonce, prepared.txHash, prepared.rawTransaction])
  }

  #change(sql: string, parameters: readonly Cell[]): void {
    const { changes } = this.#file.transaction(() => this.#file.prepare(sql).run(parameters))
    if (changes !== 1) throw new FieldproofError('not-found', 'there is no such anchor')
  }

  #select(where: string, parameters: readonly Cell[]): AnchorRecord[] {
    return this.#file
      .prepare(`SELECT ${COLUMNS} FROM anchors ${where}`)
      .all(parameters)
      .map((row) => this.#record(row))
  }

  #record(row: CellRow): AnchorRecord {
    const id = cellNumber(row['id'])
    const head = { size: cellNumber(row['size']), root: hash32(cellBytes(row['root'])) }
    const transactions = this.#transactionsOf.all([id]).map((tx) => ({
      head,
      nonce: cellNumber(tx['nonce']),
      txHash: hash32(cellBytes(tx['tx_hash'])),
      rawTransaction: cellBytes(tx['raw']),
    }))
    return { id, state: row['state'] as AnchorState, head, transactions, mined: minedOf(row) }
  }
}

function minedOf(row: CellRow): AnchorRecord['mined'] {
  const txHash = cellBytesOrNull(row['tx_hash'])
  if (txHash === null) return null
  const blockHash: Hash32 = hash32(cellBytes(row['block_hash']))
  return { txHash: hash32(txHash), blockNumber: cellNumber(row['block_number']), blockHash }
}

/** The first form began with the header and held proofs of the head alone: no offline proof can be made of it. */
function readEvidence(bytes: Uint8Array): AnchorEvidence | null {
  const parts = read.list(decodeCbor(bytes, EVIDENCE_LIMITS), 'evidence', 4)
  if (parts[0] instanceof Uint8Array) return null
  if (parts.length !== 4 || parts[0] !== EVIDENCE_VERSION)
    return read.fail('evidence', 'a form that this version knows')
  const list = (part: CborValue | undefined, what: string): Uint8Array[] =>
    read.list(part, what, EVIDENCE_LIMITS.maxItems, 0).map((item) => read.bytes(item, what))
  return {
    header: read.bytes(parts[1], 'header'),
    nodes: list(parts[2], 'trie nodes'),
    beaconHeaders: list(parts[3], 'beacon headers'),
  }
}
