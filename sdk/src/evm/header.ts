/** A block header as the bytes that its hash is of (schemas/spec/07-bundle.md, BUNDLE-50). */
import { FieldproofError, type Hash32, hash32 } from '../base/index.ts'
import { keccak256 } from './abi.ts'
import { decodeRlp, rlpBytes, rlpList, rlpUint } from './rlp.ts'
import type { Block } from './rpc.ts'

/** A block with the root of the state after it. */
export interface Header extends Block {
  readonly stateRoot: Hash32
}

/** Longest header in bytes. */
export const MAX_HEADER_BYTES: number = 8192
const MIN_FIELDS = 15
const MAX_FIELDS = 64
const FIELD = { stateRoot: 3, number: 8, timestamp: 11 } as const

/**
 * Reads a header; its hash is computed, so whoever trusts the hash may trust the rest.
 * @throws FieldproofError `proof-invalid`
 */
export function readHeader(rlp: Uint8Array): Header {
  if (rlp.length > MAX_HEADER_BYTES) throw new FieldproofError('proof-invalid', 'the block header is too long')
  const fields = rlpList(decodeRlp(rlp), 'block header')
  if (fields.length < MIN_FIELDS || fields.length > MAX_FIELDS) {
    throw new FieldproofError('proof-invalid', `a block header has ${MIN_FIELDS} to ${MAX_FIELDS} fields`)
  }
  for (const field of fields) rlpBytes(field, 'header field')
  return {
    hash: keccak256(rlp),
    stateRoot: hash32(rlpBytes(fields[FIELD.stateRoot], 'state root', 32)),
    number: rlpUint(fields[FIELD.number], 'block number'),
    timestamp: rlpUint(fields[FIELD.timestamp], 'block time'),
  }
}
