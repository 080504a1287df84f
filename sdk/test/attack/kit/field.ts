/** A field of machines with one log: P-256 and Ed25519, two streams, open and sealed batches, and bundles of its rows. */
import { bootId, hash32, machineIdOf, toHex, utf8 } from '../../../src/base/index.ts'
import {
  encodeCoseKey,
  type Hash,
  openBody,
  type Signer,
  saltsOf,
  sealedSeed,
  thumbprint,
} from '../../../src/crypto/index.ts'
import { keccak256 } from '../../../src/evm/index.ts'
import { type HistoryHead, signBatch } from '../../../src/machine/index.ts'
import { batchLeaves, definitionHash, leafHash, MerkleTree } from '../../../src/merkle/index.ts'
import { nativeHash } from '../../../src/native/index.ts'
import { namedSigner } from '../../../src/testing/index.ts'
import { type Bundle, encodeGenesis, type TransactionAnchor } from '../../../src/verify/index.ts'
import {
  decodeBatch,
  encodeDefinition,
  encodeRowInput,
  type Row,
  rowsOf,
  type StreamDefinition,
} from '../../../src/wire/index.ts'
import type { ChainFacts } from './chain.ts'
import { headerOf } from './state.ts'
import { STREAMS, type StreamName } from './streams.ts'

/** One batch of the field. */
export interface PlannedBatch {
  readonly machine: string
  readonly stream: StreamName
  readonly rows: number
  readonly sealed?: boolean
}

/** One batch that was signed and logged. */
export interface LoggedBatch {
  readonly signer: Signer
  readonly definition: StreamDefinition
  readonly definitionBytes: Uint8Array
  readonly statement: Uint8Array
  readonly seed: Uint8Array
  readonly rows: readonly Row[]
  readonly logIndex: number
}

/** A bundle that names its transaction. */
export type AnchoredBundle = Bundle & { readonly anchor: TransactionAnchor }

/** Everything that was made. */
export interface Field {
  readonly batches: readonly LoggedBatch[]
  readonly genesis: Uint8Array
  readonly tree: MerkleTree
  readonly facts: ChainFacts
  /** RLP of the header that every statement names as beacon. */
  readonly beaconHeader: Uint8Array
  /** A bundle of some rows: batch number and row indices, in the order of the log. */
  bundle(picks: readonly (readonly [batch: number, rows: readonly number[]])[]): AnchoredBundle
}

export const PLAN: readonly PlannedBatch[] = [
  { machine: 'mast', stream: 'weather', rows: 2 },
  { machine: 'mast', stream: 'weather', rows: 3 },
  { machine: 'mast', stream: 'door', rows: 2 },
  { machine: 'ed gate', stream: 'door', rows: 2 },
  { machine: 'mast', stream: 'weather', rows: 2, sealed: true },
]

/** Time of the first row, ms since 1970. */
export const START_MS = 1_700_000_000_000
/** Block of the anchoring transaction. */
export const ANCHOR_BLOCK = 500
const hash: Hash = nativeHash

/** Signs and logs the plan. @param name makes keys, contracts and log another field's */
export async function makeField(name = 'field', plan: readonly PlannedBatch[] = PLAN): Promise<Field> {
  const word = (what: string): string => toHex(keccak256(utf8(`${name} ${what}`)))
  const [registry, anchorLog] = [word('registry').slice(0, 40), word('anchor log').slice(0, 40)]
  const logId = word('log')
  const anchor = { number: ANCHOR_BLOCK, hash: word('block'), time: START_MS / 1000 + 600 }
  const beaconHeader = headerOf(ANCHOR_BLOCK - 10, START_MS / 1000 - 120, keccak256(utf8(`${name} beacon`)))
  const beacon = { chainId: 31337, blockNumber: ANCHOR_BLOCK - 10, blockHash: keccak256(beaconHeader) }
  const heads = new Map<string, HistoryHead>()
  const batches: LoggedBatch[] = []
  for (const [i, planned] of plan.entries()) {
    const signer = namedSigner(`${name} ${planned.machine}`, planned.machine.startsWith('ed') ? -19 : -9)
    const definition = STREAMS[planned.stream]
    const definitionBytes = encodeDefinition(definition)
    const rows = rowsFor(planned, i)
    let drawn = 0
    const keys: Uint8Array[] = []
    const entropy = (length: number): Uint8Array => {
      const bytes = hash.sha256(utf8(`${name} ${i} ${drawn++}`)).subarray(0, length)
      keys.push(bytes)
      return bytes
    }
    const batch = await signBatch(
      {
        machine: machineIdOf(thumbprint(signer, hash)),
        boot: bootId(new Uint8Array(8).fill(7)),
        head: heads.get(planned.machine) ?? null,
        issuedAt: START_MS / 1000 + i,
        clockQuality: 2,
        beacon,
        streamKey: planned.stream,
        definition,
        definitionHash: definitionHash(hash, definitionBytes),
        recipients: planned.sealed === true ? [new Uint8Array(32).fill(9)] : [],
        rows,
      },
      { signer, hash, entropy },
    )
    heads.set(planned.machine, { sequence: batch.sequence, id: batch.id })
    const { statement, seed } = seedOf(batch.message, keys[0] ?? new Uint8Array(32), definition)
    batches.push({ signer, definition, definitionBytes, statement, seed, rows, logIndex: i + 1 })
  }
  const genesis = encodeGenesis({
    origin: `${name.replaceAll(' ', '-')}/log`,
    logKey: namedSigner(`${name} log`, -19).publicKey,
    caip2: 'eip155:31337',
    anchorLog: keccak256(utf8(`${name} anchor log`)).slice(0, 20),
    predecessor: null,
  })
  const tree = new MerkleTree(hash)
  for (const leaf of [genesis, ...batches.map((b) => b.statement)]) tree.append(leafHash(hash, leaf))
  const facts: ChainFacts = {
    chainId: 31337,
    registry,
    anchorLog,
    transaction: {
      txHash: word('tx'),
      status: 1,
      blockNumber: anchor.number,
      blockHash: anchor.hash,
      blockTime: anchor.time,
      canonical: true,
      final: true,
      // Every head that the log ever had is true, so no path may fit two of them.
      treeHeads: Array.from({ length: tree.size }, (_, i) => ({
        address: anchorLog,
        logId,
        size: i + 1,
        root: toHex(tree.root(i + 1)),
      })),
    },
    keys: distinct(batches.map(({ signer }) => signer)).map((signer) => ({
      thumbprint: toHex(thumbprint(signer, hash)),
      machine: machineIdOf(thumbprint(signer, hash)),
      fromBlock: 10,
      retiredSeq: 0,
      retiredBlock: 0,
      revokedBlock: 0,
    })),
    homes: distinct(batches.map(({ signer }) => signer)).map((signer) => ({
      machine: machineIdOf(thumbprint(signer, hash)),
      logId,
      since: 10,
      until: 0,
    })),
    blocks: [{ number: beacon.blockNumber, hash: toHex(beacon.blockHash), time: START_MS / 1000 - 120 }],
  }
  const reference: TransactionAnchor = {
    kind: 'transaction',
    caip2: 'eip155:31337',
    logId: keccak256(utf8(`${name} log`)),
    size: tree.size,
    blockNumber: anchor.number,
    blockHash: keccak256(utf8(`${name} block`)),
    txHash: keccak256(utf8(`${name} tx`)),
  }
  return { batches, genesis, tree, facts, beaconHeader, bundle: (picks) => bundleOf(batches, tree, picks, reference) }
}

function rowsFor({ stream, rows }: PlannedBatch, batch: number): Row[] {
  return Array.from({ length: rows }, (_, i) => ({
    time: START_MS + batch * 1000 + i * 100,
    values:
      stream === 'weather' ? [2100 + batch * 10 + i, i === 1 ? null : 'ok'] : [i % 2 === 0, Uint8Array.of(batch, i)],
  }))
}

/** Statement and seed of a message; a sealed one must open with its key, or the sample would prove nothing about it. */
function seedOf(
  message: Uint8Array,
  key: Uint8Array,
  definition: StreamDefinition,
): { statement: Uint8Array; seed: Uint8Array } {
  const batch = decodeBatch(message)
  if (batch.kind === 'open') {
    rowsOf(batch.columns, definition)
    return { statement: batch.statement, seed: batch.seed }
  }
  openBody(batch.body, key)
  return { statement: batch.statement, seed: sealedSeed(key, hash) }
}

function bundleOf(
  batches: readonly LoggedBatch[],
  tree: MerkleTree,
  picks: readonly (readonly [number, readonly number[]])[],
  anchor: TransactionAnchor,
): AnchoredBundle {
  const picked = picks.flatMap(([at, rows]) => batches.slice(at, at + 1).map((batch) => ({ batch, rows })))
  const keys = new Parts()
  const definitions = new Parts()
  return {
    statements: picked.map(({ batch }) => ({
      bytes: batch.statement,
      key: keys.number(encodeCoseKey(batch.signer)),
      definition: definitions.number(batch.definitionBytes),
      logIndex: batch.logIndex,
      logPath: tree.inclusionPath(batch.logIndex, tree.size),
    })),
    rows: picked.flatMap(({ batch, rows }, statement) => rows.map((index) => provenRow(batch)(statement, index))),
    keys: keys.bytes,
    definitions: definitions.bytes,
    anchor,
  }
}

/** Rows of a batch with their paths, by the statement's number in the bundle and the row's index. */
export function provenRow(batch: LoggedBatch): (statement: number, index: number) => Bundle['rows'][number] {
  const leaves = new MerkleTree(hash)
  leaves.appendAll(batchLeaves(hash, hash32(definitionHash(hash, batch.definitionBytes)), batch.seed, batch.rows))
  const saltOf = saltsOf(batch.seed, hash)
  return (statement, index) => {
    const row = batch.rows[index - 1]
    if (row === undefined) throw new Error(`no row ${index}`)
    const input = encodeRowInput(saltOf(index), row, batch.definition)
    return { statement, index, input, path: leaves.inclusionPath(index, leaves.size) }
  }
}

function distinct(signers: readonly Signer[]): Signer[] {
  return [...new Map(signers.map((signer) => [toHex(signer.publicKey), signer])).values()]
}

class Parts {
  readonly bytes: Uint8Array[] = []

  number(part: Uint8Array): number {
    const known = this.bytes.findIndex((bytes) => toHex(bytes) === toHex(part))
    return known >= 0 ? known : this.bytes.push(part) - 1
  }
}
