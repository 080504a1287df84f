/** A small world: two machines, a log of six leaves, a chain that answers like a node. Real keys, real signatures. */
import { p256 } from '@noble/curves/nist.js'
import { bootId, type Hash32, hash32, machineIdBytes, machineIdOf, utf8 } from '../../src/base/index.ts'
import { encodeCoseKey, normalizeS, pureHash, type Signer, saltsOf, thumbprint } from '../../src/crypto/index.ts'
import { keccak256, type Rpc, toRpcData, toRpcQuantity, wordOf } from '../../src/evm/index.ts'
import { type HistoryHead, type StoredBatch, signBatch } from '../../src/machine/index.ts'
import { batchLeaves, definitionHash, leafHash, MerkleTree } from '../../src/merkle/index.ts'
import { type Bundle, encodeBundle, encodeGenesis } from '../../src/verify/index.ts'
import {
  decodeBatch,
  encodeDefinition,
  encodeRowInput,
  type Row,
  rowsOf,
  type StreamDefinition,
} from '../../src/wire/index.ts'

export const CHAIN_ID = 31337
export const REGISTRY: Uint8Array = new Uint8Array(20).fill(0xaa)
export const ANCHOR_LOG: Uint8Array = new Uint8Array(20).fill(0xbb)
export const LOG_ID: Hash32 = keccak256(utf8('log'))
export const TX: Hash32 = keccak256(utf8('tx'))
export const ANCHOR_BLOCK = 100
export const BEACON_BLOCK = 90

export const WEATHER: StreamDefinition = {
  name: 'weather',
  columns: [
    { name: 'airTemperature', unit: 'Cel', exponent: -2, type: 'int' },
    { name: 'note', unit: '', exponent: 0, type: 'text' },
  ],
  context: { method: 'made up for a test' },
}

/** A P-256 signer from a seed byte. */
export function signerOf(seed: number): Signer {
  const secret = new Uint8Array(32).fill(seed)
  return {
    alg: -9,
    publicKey: p256.getPublicKey(secret, false).slice(1),
    sign: async (message) => normalizeS(p256.sign(message, secret, { prehash: true, format: 'compact' })),
  }
}

/** A block hash that names its block. */
export function blockHash(number: number): Hash32 {
  return keccak256(utf8(`block ${number}`))
}

/** What the fake chain says; tests change it. */
export interface ChainState {
  chainId: number
  final: number
  reverted: boolean
  root: Hash32
  size: number
  key: { machine: Uint8Array; from: number; retiredSeq: number; retiredBlock: number; revoked: number } | null
  home: { since: number; until: number } | null
  missing: ReadonlySet<'registry' | 'tx'>
  down: boolean
  forked: ReadonlySet<number>
}

/** A valid bundle of some rows and the chain state under which it verifies. */
export interface World {
  readonly bundle: Bundle
  /** The same statements without rows. */
  readonly place: Bundle
  readonly bytes: Uint8Array
  readonly chain: ChainState
  readonly batches: readonly StoredBatch[]
}

/**
 * Two batches of one machine in a log of four leaves; the bundle proves rows 2 of the first and 1 and 3 of the second.
 * With recipients the second is sealed for them, and the bundle shows the first alone.
 */
export async function makeWorld(seed = 7, recipients: readonly Uint8Array[] = []): Promise<World> {
  const signer = signerOf(seed)
  const print = thumbprint(signer, pureHash)
  const definition = encodeDefinition(WEATHER)
  const batches: StoredBatch[] = []
  let head: HistoryHead | null = null
  for (let n = 0; n < 2; n++) {
    const rows: Row[] = [0, 1, 2].map((i) => ({
      time: 1_700_000_000_000 + i * 1000,
      values: [2137 + n * 10 + i, i === 1 ? null : 'ok'],
    }))
    const batch: StoredBatch = await signBatch(
      {
        machine: machineIdOf(print),
        boot: bootId(new Uint8Array(8).fill(1)),
        head,
        issuedAt: 1_700_000_010,
        clockQuality: 2,
        beacon: { chainId: CHAIN_ID, blockNumber: BEACON_BLOCK, blockHash: blockHash(BEACON_BLOCK) },
        streamKey: 'weather',
        definition: WEATHER,
        definitionHash: definitionHash(pureHash, definition),
        recipients: n === 1 ? recipients : [],
        rows,
      },
      { signer, hash: pureHash, entropy: entropyFrom(n + 1) },
    )
    batches.push(batch)
    head = { sequence: batch.sequence, id: batch.id }
  }
  const genesis = encodeGenesis({
    origin: 'test/log',
    logKey: new Uint8Array(32),
    caip2: 'eip155:31337',
    anchorLog: ANCHOR_LOG,
    predecessor: null,
  })
  const statements = batches.map((b) => decodeBatch(b.message).statement)
  const tree = new MerkleTree(pureHash)
  for (const leaf of [genesis, ...statements, utf8('another leaf')]) tree.append(leafHash(pureHash, leaf))
  const row = (statement: number, index: number): Bundle['rows'][number] => {
    const batch = decodeBatch(batches[statement]!.message)
    if (batch.kind !== 'open') throw new Error('open batches only')
    const rows = rowsOf(batch.columns, WEATHER)
    const rowTree = new MerkleTree(pureHash)
    rowTree.appendAll(batchLeaves(pureHash, definitionHash(pureHash, definition), batch.seed, rows))
    const input = encodeRowInput(saltsOf(batch.seed, pureHash)(index), rows[index - 1]!, WEATHER)
    return { statement, index, input, path: rowTree.inclusionPath(index, rowTree.size) }
  }
  const place: Bundle = {
    keys: [encodeCoseKey(signer)],
    definitions: [definition],
    statements: statements.map((bytes, i) => ({
      bytes,
      key: 0,
      definition: 0,
      logIndex: i + 1,
      logPath: tree.inclusionPath(i + 1, tree.size),
    })),
    rows: [],
    anchor: {
      kind: 'transaction',
      caip2: 'eip155:31337',
      logId: LOG_ID,
      size: tree.size,
      blockNumber: ANCHOR_BLOCK,
      blockHash: blockHash(ANCHOR_BLOCK),
      txHash: TX,
    },
  }
  const isSealed = recipients.length > 0
  const bundle: Bundle = isSealed
    ? { ...place, statements: place.statements.slice(0, 1), rows: [row(0, 2)] }
    : { ...place, rows: [row(0, 2), row(1, 1), row(1, 3)] }
  const chain: ChainState = {
    chainId: CHAIN_ID,
    final: ANCHOR_BLOCK + 2,
    reverted: false,
    root: hash32(tree.root()),
    size: tree.size,
    key: { machine: machineIdBytes(machineIdOf(print)), from: 10, retiredSeq: 0, retiredBlock: 0, revoked: 0 },
    home: { since: 10, until: 0 },
    missing: new Set(),
    down: false,
    forked: new Set(),
  }
  return { bundle, place, bytes: encodeBundle(bundle, pureHash), chain, batches }
}

/** Other bytes each time, the same in each run. */
function entropyFrom(seed: number): (length: number) => Uint8Array {
  let count = 0
  return (length) => keccak256(Uint8Array.of(seed, count++)).slice(0, length)
}

/** A node that answers from a {@link ChainState}. */
export function rpcOf(chain: ChainState, fail: (method: string) => never): Rpc {
  return async (method, params) => {
    if (chain.down) return fail(method)
    if (method === 'eth_chainId') return toRpcQuantity(chain.chainId)
    if (method === 'eth_getBlockByNumber') return blockOf(chain, params[0])
    if (method === 'eth_getTransactionReceipt') return chain.missing.has('tx') ? null : receiptOf(chain)
    if (method === 'eth_call') return callOf(chain, params[0] as { to: string; data: string })
    return fail(method)
  }
}

function blockOf(chain: ChainState, tag: unknown): unknown {
  const number = tag === 'finalized' ? chain.final : Number(tag)
  const hash = chain.forked.has(number) ? keccak256(utf8('other')) : blockHash(number)
  return { number: toRpcQuantity(number), hash: toRpcData(hash), timestamp: toRpcQuantity(1_700_000_000 + number * 12) }
}

function receiptOf(chain: ChainState): unknown {
  const data = new Uint8Array([...word(chain.size), ...chain.root])
  const topics = [keccak256(utf8('TreeHead(bytes32,uint64,bytes32)')), LOG_ID].map(toRpcData)
  return {
    status: chain.reverted ? '0x0' : '0x1',
    blockNumber: toRpcQuantity(ANCHOR_BLOCK),
    blockHash: toRpcData(blockHash(ANCHOR_BLOCK)),
    transactionHash: toRpcData(TX),
    logs: chain.reverted ? [] : [{ address: toRpcData(ANCHOR_LOG), topics, data: toRpcData(data) }],
  }
}

function callOf(chain: ChainState, { to, data }: { to: string; data: string }): string {
  const is = (signature: string): boolean => data.startsWith(toRpcData(keccak256(utf8(signature)).subarray(0, 4)))
  if (to !== toRpcData(REGISTRY) || chain.missing.has('registry')) return '0x'
  if (is('anchorLog()')) return toRpcData(wordOf(ANCHOR_LOG))
  if (is('homeSince(uint256,bytes32)')) return words(word(chain.home?.since ?? 0), word(chain.home?.until ?? 0))
  const k = chain.key
  if (is('keyOf(bytes32)')) {
    return words(
      wordOf(k?.machine ?? new Uint8Array()),
      word(k?.from ?? 0),
      word(k?.retiredSeq ?? 0),
      word(k?.retiredBlock ?? 0),
      word(k?.revoked ?? 0),
    )
  }
  return '0x'
}

function word(value: number): Uint8Array {
  return wordOf(Uint8Array.of((value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255))
}

function words(...all: Uint8Array[]): string {
  return toRpcData(new Uint8Array(all.flatMap((w) => [...w])))
}
