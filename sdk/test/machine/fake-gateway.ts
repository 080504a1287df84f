/** The gateway's side for machine tests: it checks what it gets with the production code, logs it, and gives real receipts. */
import { ed25519 } from '@noble/curves/ed25519.js'
import { equalBytes, hash32, type MachineId, toHex } from '../../src/base/index.ts'
import { decodeStatement, pureHash, pureSuites, type SignedStatement, verifyStatement } from '../../src/crypto/index.ts'
import type { GatewayIdentity } from '../../src/machine/index.ts'
import { batchRoot, leafHash, MerkleTree } from '../../src/merkle/index.ts'
import type { Hub } from '../../src/testing/index.ts'
import { encodeReceipt, receiptToBeSigned } from '../../src/verify/index.ts'
import {
  type Batch,
  decodeBatch,
  decodeDefinition,
  encodeReceiptMessage,
  type Row,
  rowsOf,
} from '../../src/wire/index.ts'

const SECRET = new Uint8Array(32).fill(3)

export const GATEWAY: GatewayIdentity = { origin: 'test/log', logKey: ed25519.getPublicKey(SECRET), chainId: 31337 }

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

  /** Sends the receipt of a logged batch, at the newest size. */
  sendReceipt(entry: LoggedBatch, kind: 'logged' | 'anchored', secret = SECRET): void {
    const { size } = this.#tree
    const identity = { origin: GATEWAY.origin, logKey: GATEWAY.logKey }
    const root = hash32(this.#tree.root(size))
    const signature = ed25519.sign(receiptToBeSigned(identity, size, root, pureHash), secret)
    const path = this.#tree.inclusionPath(entry.index, size)
    const receipt = encodeReceipt(identity, { size, index: entry.index, path }, signature, pureHash)
    const zero = hash32(new Uint8Array(32))
    const anchor = {
      caip2: 'eip155:31337',
      registry: new Uint8Array(20),
      logId: zero,
      blockNumber: 5,
      blockHash: zero,
      txHash: zero,
    }
    const message =
      kind === 'logged' ? { kind, id: entry.signed.id, receipt } : { kind, id: entry.signed.id, receipt, anchor }
    this.#hub.publish(this.#machine, 'receipt', encodeReceiptMessage(message))
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
