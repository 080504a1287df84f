/** The anchor tables: A1 (the intent before it is sent) and A2 (what the chain may forget). */
import { concat, FieldproofError, type Hash32, hash32 } from '@fieldproof/sdk/base'
import { type CborLimits, CborReader, decodeCbor, encodeCbor } from '@fieldproof/sdk/wire'
import type {
  AnchorEvidence,
  AnchorRecord,
  AnchorState,
  AnchorStore,
  EvidenceCover,
  PreparedAnchor,
} from '../anchor/ports.ts'
import {
  type Cell,
  type CellRow,
  cellBytes,
  cellBytesOrNull,
  cellNumber,
  type DatabaseFile,
  type Query,
} from './libsql-database.ts'
import { StoredParts } from './libsql-parts.ts'

/** Form of the stored evidence: `[2, header, nodes, beacon headers, cover]`, all but the header as numbers of parts. */
const EVIDENCE_VERSION = 2
/** Those before it held nodes in full, also of proofs that were too little; they are read as nothing. */
const OLDER_LIMITS: CborLimits = { maxBytes: 64 * 1024 * 1024, maxDepth: 3, maxItems: 131_072 }
const THUMBPRINT_BYTES = 32
const MACHINE_BYTES = 16
/** Evidence can be large, and is not needed to know where an anchor stands. */
const COLUMNS = 'id, state, size, root, tx_hash, block_number, block_hash'
const read = new CborReader('store-corrupt')

/** {@link AnchorStore} on SQLite. */
export class LibsqlAnchors implements AnchorStore {
  readonly #file: DatabaseFile
  readonly #insert: Query
  readonly #insertTransaction: Query
  readonly #transactionsOf: Query
  readonly #parts: StoredParts

  constructor(file: DatabaseFile) {
    this.#file = file
    this.#insert = file.prepare("INSERT INTO anchors (state, size, root) VALUES ('intent', ?, ?)")
    this.#insertTransaction = file.prepare(
      'INSERT INTO anchor_transactions (anchor, nonce, tx_hash, raw) VALUES (?, ?, ?, ?)',
    )
    this.#transactionsOf = file.prepare('SELECT * FROM anchor_transactions WHERE anchor = ? ORDER BY number')
    this.#parts = new StoredParts(file)
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
    const { header, nodes, beaconHeaders, keys, machines } = evidence
    const parts = [
      await this.#parts.put(nodes),
      await this.#parts.put(beaconHeaders),
      await this.#parts.put([concat(...keys), concat(...machines)]),
    ]
    const bytes = encodeCbor([EVIDENCE_VERSION, header, ...parts])
    this.#change('UPDATE anchors SET evidence = ? WHERE id = ?', [bytes, id])
  }

  async anchorCover(id: number): Promise<EvidenceCover | null> {
    const stored = this.#stored(id)
    return stored && this.#cover(stored)
  }

  async anchorEvidence(id: number): Promise<AnchorEvidence | null> {
    const stored = this.#stored(id)
    if (stored === null) return null
    const nodes = await this.#parts.get(stored.nodes)
    const beaconHeaders = await this.#parts.get(stored.beaconHeaders)
    return { header: stored.header, nodes, beaconHeaders, ...(await this.#cover(stored)) }
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

  #stored(id: number): StoredEvidence | null {
    const row = this.#file.prepare('SELECT evidence FROM anchors WHERE id = ?').get([id])
    const bytes = cellBytesOrNull(row?.['evidence'])
    return bytes && readEvidence(bytes)
  }

  async #cover({ cover }: StoredEvidence): Promise<EvidenceCover> {
    const [keys, machines] = await this.#parts.get(cover)
    return {
      keys: split(keys, THUMBPRINT_BYTES).map((key) => hash32(key)),
      machines: split(machines, MACHINE_BYTES),
    }
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

/** Evidence whose parts are numbers, 4 bytes each. */
interface StoredEvidence {
  readonly header: Uint8Array
  readonly nodes: Uint8Array
  readonly beaconHeaders: Uint8Array
  /** Of two parts: all thumbprints, and all machines. */
  readonly cover: Uint8Array
}

function readEvidence(bytes: Uint8Array): StoredEvidence | null {
  const parts = read.list(decodeCbor(bytes, OLDER_LIMITS), 'evidence', 5)
  if (parts[0] instanceof Uint8Array || parts[0] === 1) return null
  if (parts.length !== 5 || parts[0] !== EVIDENCE_VERSION) {
    return read.fail('evidence', 'a form that this version knows')
  }
  return {
    header: read.bytes(parts[1], 'header'),
    nodes: read.bytes(parts[2], 'trie nodes'),
    beaconHeaders: read.bytes(parts[3], 'beacon headers'),
    cover: read.bytes(parts[4], 'cover'),
  }
}

function split(part: Uint8Array | undefined, length: number): readonly Uint8Array[] {
  if (part === undefined || part.length % length !== 0) return read.fail('evidence', 'whole names in its cover')
  return Array.from({ length: part.length / length }, (_, i) => part.slice(i * length, (i + 1) * length))
}
