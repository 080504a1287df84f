/** The gateway's side for machine tests: it checks what it gets with the production code, logs it, and gives real receipts. */
import { ed25519 } from '@noble/curves/ed25519.js'
import { equalBytes, type Hash32, hash32, type MachineId, toHex } from '../../src/base/index.ts'
import { decodeStatement, pureHash, pureSuites, type SignedStatement, verifyStatement } from '../../src/crypto/index.ts'
import type { GatewayIdentity } from '../../src/machine/index.ts'
import { batchRoot, leafHash, MerkleTree } from '../../src/merkle/index.ts'
import type { Hub } from '../../src/testing/index.ts'
import { anchorToBeSigned, encodeReceipt, receiptToBeSigned } from '../../src/verify/index.ts'
import {
  type AnchorReference,
  type Batch,
  decodeBatch,
  decodeDefinition,
  encodeReceiptMessage,
  type Row,
  rowsOf,
} from '../../src/wire/index.ts'

const SECRET = new Uint8Array(32).fill(3)

export const GATEWAY: GatewayIdentity = {
  origin: 'test/log',
  logKey: ed25519.getPublicKey(SECRET),
  chainId: 31337,
  registry: new Uint8Array(20).fill(1),
  logId: hash32(new Uint8Array(32).fill(2)),
}

/** The anchor that the gateway names when nothing else is asked for. */
export const ANCHOR: AnchorReference = {
  caip2: 'eip155:31337',
  registry: GATEWAY.registry,
  logId: GATEWAY.logId,
  blockNumber: 5,
  blockHash: hash32(new Uint8Array(32)),
  txHash: hash32(new Uint8Array(32)),
}

/** What a test may change in an anchored message. */
export interface AnchoredParts {
  /** Signs the receipt. */
  readonly secret?: Uint8Array
  readonly anchor?: Partial<AnchorReference>
  /** Of the receipt; the newest when absent. */
  readonly size?: number
  /** What is signed of the anchor, where it differs from what is sent. */
  readonly word?: {
    readonly secret?: Uint8Array
    readonly origin?: string
    readonly size?: number
    readonly blockNumber?: number
  }
}

/** A batch as the gateway received it. */
export interface LoggedBatch {
  readonly signed: SignedStatement
  readonly batch: Batch
  readonly index: number
}

/** Logs every good batch once; what it answers is up to the test. */
export class FakeGateway {
  readonly logged: LoggedBatch[] = []
  /** Messages in all, repetitions included. */
  received = 0
  births = 0
  /** Whether receipts are sent by themselves. */
  answering = true
  readonly #hub: Hub
  readonly #tree = new MerkleTree(pureHash)
  readonly #definitions = new Map<string, Uint8Array>()
  readonly #machine: MachineId

  constructor(hub: Hub, machine: MachineId, definitions: readonly Uint8Array[]) {
    this.#hub = hub
    this.#machine = machine
    for (const bytes of definitions) this.#definitions.set(toHex(leafHash(pureHash, bytes)), bytes)
    this.#tree.append(leafHash(pureHash, new Uint8Array(1)))
    hub.subscribe((message) => {
      if (message.name === 'birth') this.births++
      if (message.name === 'batch') this.#onBatch(message.payload)
    })
  }

  /** Rows of all logged open batches of one stream, in log order. */
  rows(stream: string): Row[] {
    return this.logged.flatMap(({ signed, batch }) => {
      const definition = decodeDefinition(this.#definitionOf(signed))
      return batch.kind === 'open' && definition.name === stream ? rowsOf(batch.columns, definition) : []
    })
  }

  /** Sends the receipt of a logged batch. */
  sendReceipt(entry: LoggedBatch, kind: 'logged' | 'anchored', parts: AnchoredParts = {}): void {
    const { size = this.#tree.size, secret = SECRET, word = {} } = parts
    const identity = { origin: GATEWAY.origin, logKey: GATEWAY.logKey }
    const signature = ed25519.sign(receiptToBeSigned(identity, size, this.#root(size), pureHash), secret)
    const path = this.#tree.inclusionPath(entry.index, size)
    const receipt = encodeReceipt(identity, { size, index: entry.index, path }, signature, pureHash)
    const { id } = entry.signed
    if (kind === 'logged') {
      this.#hub.publish(this.#machine, 'receipt', encodeReceiptMessage({ kind, id, receipt }))
      return
    }
    const anchor = { ...ANCHOR, ...parts.anchor }
    const signed = { size: word.size ?? size, root: this.#root(word.size ?? size) }
    const wording = anchorToBeSigned(word.origin ?? GATEWAY.origin, signed, {
      ...anchor,
      blockNumber: word.blockNumber ?? anchor.blockNumber,
    })
    const message = { kind, id, receipt, anchor, signature: ed25519.sign(wording, word.secret ?? SECRET) }
    this.#hub.publish(this.#machine, 'receipt', encodeReceiptMessage(message))
  }

  #root(size: number): Hash32 {
    return hash32(this.#tree.root(size))
  }

  refuse(message: Uint8Array, number: number, code: string): void {
    const digest = hash32(pureHash.sha256(message))
    this.#hub.publish(
      this.#machine,
      'receipt',
      encodeReceiptMessage({ kind: 'refused', message: digest, number, code, detail: 'test' }),
    )
  }

  #onBatch(payload: Uint8Array): void {
    this.received++
    const batch = decodeBatch(payload)
    const signed = decodeStatement(batch.statement, pureHash)
    const known = this.logged.find((entry) => equalBytes(entry.signed.id, signed.id))
    if (known === undefined) this.#assertGood(batch, signed)
    const entry = known ?? { signed, batch, index: this.#tree.append(leafHash(pureHash, batch.statement)) }
    if (known === undefined) this.logged.push(entry)
    if (this.answering) this.sendReceipt(entry, 'logged')
  }

  #assertGood(batch: Batch, signed: SignedStatement): void {
    if (batch.kind !== 'open') return
    const rows = rowsOf(batch.columns, decodeDefinition(this.#definitionOf(signed)))
    const root = batchRoot(pureHash, signed.statement.definitionHash, batch.seed, rows)
    if (!equalBytes(root, signed.statement.root)) throw new Error('root mismatch')
    if (rows.length + 1 !== signed.statement.leafCount) throw new Error('count mismatch')
  }

  #definitionOf(signed: SignedStatement): Uint8Array {
    const bytes = this.#definitions.get(toHex(signed.statement.definitionHash))
    if (bytes === undefined) throw new Error('definition unknown')
    return bytes
  }
}

/** Whether a statement is signed by this raw P-256 key. */
export async function isSignedBy(signed: SignedStatement, publicKey: Uint8Array): Promise<boolean> {
  const suite = pureSuites(-9)
  return suite !== undefined && (await verifyStatement(signed, suite, publicKey))
}
