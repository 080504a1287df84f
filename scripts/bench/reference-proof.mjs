/**
 * One reading of the reference batch in a log of 2^20 statements, proven by a transaction and by the state of a chain as
 * large as Ethereum's: what the benches weigh and time.
 */
import { machineIdBytes, machineIdOf } from '@fieldproof/sdk/base'
import { decodeStatement, encodeCoseKey, thumbprint } from '@fieldproof/sdk/crypto'
import {
  anchorLogSlot,
  HISTORY_CONTRACT,
  headSlots,
  historySlot,
  homeSlot,
  keccak256,
  keySlot,
  OrderedNodes,
  readHeader,
  readState,
  toRpcData,
  toRpcQuantity,
  wordOf,
} from '@fieldproof/sdk/evm'
import { leafHash, MerkleTree } from '@fieldproof/sdk/merkle'
import { nativeHash } from '@fieldproof/sdk/native'
import { encodeBundle, rowProver } from '@fieldproof/sdk/verify'
import { decodeBatch, rowsOf } from '@fieldproof/sdk/wire'
import { benchSigner, DEFINITION, DEFINITION_BYTES, random, referenceBatch } from './reference-batch.mjs'
import { account, headerOf, slotValue, syntheticTrie } from './synthetic-state.mjs'

const CHAIN_ID = 1
const LEAVES = 2 ** 20
const INDEX = 700_000
const BLOCK = 24_000_000
const BEACON_BLOCK = BLOCK - 70
const TIME = 1_790_000_400
/** Entries of the tries: accounts of Ethereum's mainnet, slots of a registry of 100 000 machines, of 1000 logs. */
const SIZES = { accounts: 350_000_000, registry: 600_000, anchorLog: 6000, history: 8191 }
const REGISTRY = new Uint8Array(20).fill(0xaa)
const ANCHOR_LOG = new Uint8Array(20).fill(0xbb)
const LOG_ID = keccak256(new Uint8Array([7]))
const TX = keccak256(new Uint8Array([8]))

/** Both forms of the proof, and what verifies them. @param alg -9 or -19 */
export async function referenceProof(alg) {
  const next = random(4)
  const signer = benchSigner(alg, 1)
  const beaconHeader = headerOf({ number: BEACON_BLOCK, time: TIME - 840, stateRoot: keccak256(REGISTRY) }, next)
  const beacon = { chainId: CHAIN_ID, blockNumber: BEACON_BLOCK, blockHash: keccak256(beaconHeader) }
  const head = { sequence: 1000, id: keccak256(TX) }
  const { message } = await referenceBatch(signer, 1, head, beacon)
  const batch = decodeBatch(message)
  const { statement } = decodeStatement(batch.statement, nativeHash)
  const tree = new MerkleTree(nativeHash)
  for (let i = 0; i < LEAVES; i++) tree.append(i === INDEX ? leafHash(nativeHash, batch.statement) : leafOf(i))
  const opened = { definition: DEFINITION, seed: batch.seed, rows: rowsOf(batch.columns, DEFINITION) }
  const prove = rowProver(statement, opened, nativeHash)
  const parts = {
    keys: [encodeCoseKey(signer)],
    definitions: [DEFINITION_BYTES],
    statements: [
      { bytes: batch.statement, key: 0, definition: 0, logIndex: INDEX, logPath: tree.inclusionPath(INDEX, LEAVES) },
    ],
    rows: [{ statement: 0, ...prove(17) }],
  }
  const anchorHead = { caip2: `eip155:${CHAIN_ID}`, logId: LOG_ID, size: LEAVES }
  const print = thumbprint(signer, nativeHash)
  const machine = machineIdBytes(machineIdOf(print))
  const { header, nodes } = stateOf({ print, machine, root: tree.root(), beacon }, next)
  const blockHash = keccak256(header)
  const transaction = { kind: 'transaction', ...anchorHead, blockNumber: BLOCK, blockHash, txHash: TX }
  const state = { kind: 'state', ...anchorHead, header, nodes, beaconHeaders: [beaconHeader] }
  return {
    signer,
    signed: decodeStatement(batch.statement, nativeHash),
    transaction: encodeBundle({ ...parts, anchor: transaction }, nativeHash),
    state: encodeBundle({ ...parts, anchor: state }, nativeHash),
    trust: { registry: REGISTRY, chainId: CHAIN_ID },
    blockHash,
    rpc: nodeOf({ machine, root: tree.root(), blockHash, beacon }),
  }
}

/** Header and nodes of a state that holds what the proof needs, at the depth of the real chain. */
function stateOf({ print, machine, root, beacon }, next) {
  const storage = (entries, size) => {
    const words = entries.map(([slot, word]) => [slot, slotValue(word)])
    return syntheticTrie(new Map(words), size, next)
  }
  const [rootSlot, headSlot] = headSlots(LOG_ID)
  const registry = storage(
    [
      [anchorLogSlot(), wordOf(ANCHOR_LOG)],
      [keySlot(print), packed([20_000_000, 4], machine)],
      [homeSlot(machine, LOG_ID), packed([20_000_000, 8])],
    ],
    SIZES.registry,
  )
  const log = storage(
    [
      [rootSlot, root],
      [headSlot, packed([BLOCK, 8], [TIME, 8], [LEAVES, 8])],
    ],
    SIZES.anchorLog,
  )
  const history = storage([[historySlot(BEACON_BLOCK), beacon.blockHash]], SIZES.history)
  const accounts = [
    [REGISTRY, registry],
    [ANCHOR_LOG, log],
    [HISTORY_CONTRACT, history],
  ]
  const state = syntheticTrie(
    new Map(accounts.map(([address, trie]) => [address, account(trie.root, next)])),
    SIZES.accounts,
    next,
  )
  const header = headerOf({ number: BLOCK, time: TIME, stateRoot: state.root }, next)
  const questions = { registry: REGISTRY, logId: LOG_ID, keys: [print], machines: [machine], blocks: [BEACON_BLOCK] }
  const all = [...state.nodes, ...registry.nodes, ...log.nodes, ...history.nodes]
  return { header, nodes: inOrderOfUse(readHeader(header).stateRoot, questions, all) }
}

function inOrderOfUse(stateRoot, questions, all) {
  const byHash = new Map(all.map((node) => [toRpcData(keccak256(node)), node]))
  const used = new Map()
  readState(stateRoot, questions, (hash) => {
    const name = toRpcData(hash)
    used.set(name, byHash.get(name))
    return byHash.get(name)
  })
  const nodes = [...used.values()]
  readState(stateRoot, questions, new OrderedNodes(nodes).source)
  return nodes
}

/** Fields from the most significant down, as [number, bytes] or bytes, at the right end of a word. */
function packed(...fields) {
  const digits = fields.map((field) =>
    field instanceof Uint8Array ? Buffer.from(field).toString('hex') : hexOf(field[0], field[1]),
  )
  return wordOf(new Uint8Array(Buffer.from(digits.join(''), 'hex')))
}

function hexOf(number, bytes) {
  return number.toString(16).padStart(bytes * 2, '0')
}

function leafOf(index) {
  const leaf = new Uint8Array(32)
  new DataView(leaf.buffer).setUint32(0, index)
  return leaf
}

/** A node that answers at once. */
function nodeOf({ machine, root, blockHash, beacon }) {
  const words = (...all) => toRpcData(new Uint8Array(all.flatMap((word) => [...word])))
  const number = (value) => wordOf(new Uint8Array(Buffer.from(hexOf(value, 8), 'hex')))
  const block = (height, hash) => ({
    number: toRpcQuantity(height),
    hash: toRpcData(hash),
    timestamp: toRpcQuantity(TIME - (BLOCK - height) * 12),
  })
  const topic = '0x16fb35f3cb6d24d66ddfb067bf272c32d9239a987f747d6b3af9f96683e8c9ca'
  const answers = {
    eth_chainId: () => toRpcQuantity(CHAIN_ID),
    eth_getBlockByNumber: ([tag]) => {
      if (tag === 'finalized') return block(BLOCK + 64, keccak256(TX))
      return Number(tag) === BLOCK ? block(BLOCK, blockHash) : block(BEACON_BLOCK, beacon.blockHash)
    },
    eth_call: ([{ data }]) => {
      if (data.length === 10) return words(wordOf(ANCHOR_LOG))
      if (data.length === 74) return words(wordOf(machine), number(20_000_000), number(0), number(0), number(0))
      return words(number(20_000_000), number(0))
    },
    eth_getTransactionReceipt: () => ({
      status: '0x1',
      blockNumber: toRpcQuantity(BLOCK),
      blockHash: toRpcData(blockHash),
      transactionHash: toRpcData(TX),
      logs: [{ address: toRpcData(ANCHOR_LOG), topics: [topic, toRpcData(LOG_ID)], data: words(number(LEAVES), root) }],
    }),
  }
  return async (method, params) => answers[method](params)
}
