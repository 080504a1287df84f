/** Leaf 0 of a gateway's log (schemas/spec/04-log.md): which log this is, whose key, anchored where, after which. */
import { type Hash32, hash32 } from '../base/index.ts'
import { CAIP2_PATTERN, CborReader, decodeCbor, encodeCbor, ITEM_LIMITS, ORIGIN_PATTERN } from '../wire/index.ts'

/** What a log says of itself before anything else. */
export interface Genesis {
  /** C2SP origin: a schema-less URL such as `example.org/fieldproof`. */
  readonly origin: string
  /** Ed25519 key that signs receipts and checkpoints, 32 bytes. */
  readonly logKey: Uint8Array
  /** CAIP-2 chain of the AnchorLog. */
  readonly caip2: string
  /** AnchorLog address, 20 bytes. */
  readonly anchorLog: Uint8Array
  /** The log that this one continues, and its last good size. */
  readonly predecessor: { readonly logId: Hash32; readonly size: number } | null
}

const TYPE = 'fieldproof-genesis'
const VERSION = 1
const read = new CborReader('genesis-invalid')

/** Bytes of leaf 0. */
export function encodeGenesis(g: Genesis): Uint8Array {
  const predecessor = g.predecessor && [g.predecessor.logId, g.predecessor.size]
  return encodeCbor([TYPE, VERSION, g.origin, g.logKey, g.caip2, g.anchorLog, predecessor])
}

/** @throws FieldproofError `genesis-invalid`, or the gate's codes */
export function decodeGenesis(bytes: Uint8Array): Genesis {
  const parts = read.array(decodeCbor(bytes, ITEM_LIMITS), 'genesis', 7)
  if (parts[0] !== TYPE || parts[1] !== VERSION) read.fail('type', `${TYPE} ${VERSION}`)
  const before = parts[6] === null ? null : read.array(parts[6], 'predecessor', 2)
  return {
    origin: read.matching(parts[2], 'origin', ORIGIN_PATTERN),
    logKey: read.bytes(parts[3], 'log key', 32),
    caip2: read.matching(parts[4], 'chain', CAIP2_PATTERN),
    anchorLog: read.bytes(parts[5], 'AnchorLog address', 20),
    predecessor: before && {
      logId: hash32(read.bytes(before[0], 'predecessor', 32)),
      size: read.int(before[1], 'predecessor size', 1),
    },
  }
}
