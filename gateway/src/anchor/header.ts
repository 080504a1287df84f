/**
 * A block header as the bytes that its hash is of, so that anyone can check old evidence without a node: the state root
 * in it is what storage proofs lead to.
 */
import { equalBytes, FieldproofError, fromHex, type Hash32, hash32 } from '@fieldproof/sdk/base'
import {
  keccak256,
  type Header as ReadHeader,
  type Rpc,
  readData,
  readHeader,
  readObject,
  toRpcQuantity,
} from '@fieldproof/sdk/evm'
import { toRlp } from 'viem'
import { nodeComplaint } from './http-rpc.ts'

/** A header, and the bytes that all of it was read from. */
export interface Header extends ReadHeader {
  readonly rlp: Uint8Array
}

/** Order of the header's fields (execution-specs, fork osaka and the two announced after it); later ones were added by forks. */
const FIELDS: readonly (readonly [name: string, kind: 'data' | 'quantity'])[] = [
  ['parentHash', 'data'],
  ['sha3Uncles', 'data'],
  ['miner', 'data'],
  ['stateRoot', 'data'],
  ['transactionsRoot', 'data'],
  ['receiptsRoot', 'data'],
  ['logsBloom', 'data'],
  ['difficulty', 'quantity'],
  ['number', 'quantity'],
  ['gasLimit', 'quantity'],
  ['gasUsed', 'quantity'],
  ['timestamp', 'quantity'],
  ['extraData', 'data'],
  ['mixHash', 'data'],
  ['nonce', 'data'],
  ['baseFeePerGas', 'quantity'],
  ['withdrawalsRoot', 'data'],
  ['blobGasUsed', 'quantity'],
  ['excessBlobGas', 'quantity'],
  ['parentBeaconBlockRoot', 'data'],
  ['requestsHash', 'data'],
  ['blockAccessListHash', 'data'],
  ['slotNumber', 'quantity'],
]

/**
 * The canonical header of a block, rebuilt from what the node says and checked against the block's hash.
 * @throws FieldproofError `rpc-failed` when the node has no such block, `rpc-invalid` when no bytes give the hash
 */
export async function fetchHeader(rpc: Rpc, block: number | 'finalized' | 'latest'): Promise<Header> {
  const tag = typeof block === 'number' ? toRpcQuantity(block) : block
  const result = await rpc('eth_getBlockByNumber', [tag, false])
  if (result === null) {
    throw new FieldproofError('rpc-failed', `the node has no block ${block}`, { facts: { block } })
  }
  const fields = readObject(result, 'block')
  const hash = hash32(readData(fields['hash'], 'block.hash', 32))
  const header = readOwn(await headerBytes(rpc, fields, hash, tag))
  if (typeof block === 'number' && header.number !== block) {
    throw new FieldproofError('rpc-invalid', `asked for block ${block}, the node gave block ${header.number}`)
  }
  return header
}

/** Only what stands in the bytes counts: the node may say anything beside them. */
function readOwn(rlp: Uint8Array): Header {
  try {
    return { ...readHeader(rlp), rlp }
  } catch (cause) {
    throw new FieldproofError('rpc-invalid', 'the node gave a block header that is none', { cause })
  }
}

/** RLP of the fields that are there; a chain with fields of its own may still hand out the raw header. */
async function headerBytes(
  rpc: Rpc,
  fields: Readonly<Record<string, unknown>>,
  hash: Hash32,
  tag: string,
): Promise<Uint8Array> {
  const present = FIELDS.filter(([name]) => fields[name] !== undefined && fields[name] !== null)
  const rebuilt = toRlp(
    present.map(([name, kind]) => (kind === 'data' ? readData(fields[name], `block.${name}`) : minimal(fields[name]))),
    'bytes',
  )
  if (equalBytes(keccak256(rebuilt), hash)) return rebuilt
  const raw = await rawHeader(rpc, tag)
  if (raw !== null && equalBytes(keccak256(raw), hash)) return raw
  throw new FieldproofError('rpc-invalid', `the header of block ${tag} does not have the block's hash`, {
    facts: { block: tag },
  })
}

async function rawHeader(rpc: Rpc, tag: string): Promise<Uint8Array | null> {
  try {
    return readData(await rpc('debug_getRawHeader', [tag]), 'debug_getRawHeader')
  } catch (error) {
    if (nodeComplaint(error) === null) throw error
    return null // few nodes open this method
  }
}

/** RLP integers: big-endian without leading zeros, zero is empty. */
function minimal(value: unknown): Uint8Array {
  if (typeof value !== 'string' || !/^0x[0-9a-fA-F]{1,64}$/.test(value)) {
    throw new FieldproofError('rpc-invalid', 'block: want hexadecimal quantities', { facts: { part: 'block' } })
  }
  const digits = value.slice(2).replace(/^0+/, '')
  return fromHex(digits.length % 2 === 0 ? digits : `0${digits}`)
}
