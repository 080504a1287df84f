/** A chain for tests: it mines what it is sent, and what is mined is final when the test says so. */
import { equalBytes, type Hash32, hash32 } from '@fieldproof/sdk/base'
import type { KeyEntry } from '@fieldproof/sdk/evm'
import { nativeHash } from '@fieldproof/sdk/native'
import type { AnchorEvidence, AnchorTarget, Head, PreparedAnchor, TransactionStatus } from '../../src/anchor/ports.ts'
import type { KeyRegistry } from '../../src/ingest/key-registry.ts'
import type { TestMachine } from './machine-kit.ts'

const word = (text: string): Hash32 => hash32(nativeHash.sha256(Buffer.from(text)))

/** {@link AnchorTarget} in memory. */
export class FakeChain implements AnchorTarget {
  readonly caip2 = 'eip155:31337'
  readonly registry: Uint8Array = new Uint8Array(20).fill(0xaa)
  readonly anchorLog: Uint8Array = new Uint8Array(20).fill(0xbb)
  readonly logId: Hash32 = word('log')
  /** Heads by block number; block 1 has the genesis. */
  readonly mined: { readonly prepared: PreparedAnchor; readonly block: number }[] = []
  finalBlock = 1
  #head: Head | null = null
  #block = 1

  /** Begins the log. */
  begin(genesisLeafHash: Hash32): void {
    this.#head ??= { size: 1, root: genesisLeafHash }
  }

  /** Makes everything that is mined final. */
  finalise(): void {
    this.finalBlock = this.#block
  }

  async head(): Promise<Head> {
    if (this.#head === null) throw new Error('the log has not begun')
    return this.#head
  }

  async prepare(_from: Head, to: Head): Promise<PreparedAnchor> {
    return { head: to, nonce: this.mined.length, txHash: word(`tx ${to.size}`), rawTransaction: Uint8Array.of(1) }
  }

  async send(prepared: PreparedAnchor): Promise<void> {
    this.#block += 1
    this.mined.push({ prepared, block: this.#block })
    this.#head = prepared.head
  }

  async status(txHash: Hash32): Promise<TransactionStatus> {
    const found = this.mined.find(({ prepared }) => equalBytes(prepared.txHash, txHash))
    if (found === undefined) return { kind: 'lost' }
    const blockHash = word(`block ${found.block}`)
    return { kind: found.block <= this.finalBlock ? 'final' : 'included', blockNumber: found.block, blockHash }
  }

  async find(): Promise<null> {
    return null
  }

  async gasPrice(): Promise<bigint> {
    return 1n
  }

  async evidence(): Promise<AnchorEvidence> {
    return { header: Uint8Array.of(1), nodes: [], beaconHeaders: [], keys: [], machines: [] }
  }

  async blockHash(blockNumber: number): Promise<Hash32 | null> {
    return word(`block ${blockNumber}`)
  }

  async finalised(): Promise<{ chainId: number; number: number; hash: Hash32; timestamp: number }> {
    return { chainId: 31337, number: this.finalBlock, hash: word(`block ${this.finalBlock}`), timestamp: 1 }
  }
}

/** A registry that holds the keys that it is told. */
export class FakeRegistry implements KeyRegistry {
  readonly entries = new Map<string, KeyEntry>()
  asked = 0
  down = false

  enrol(machine: TestMachine, changes: Partial<KeyEntry> = {}): void {
    const entry: KeyEntry = {
      machine: machine.thumbprint.slice(0, 16),
      fromBlock: 1,
      retiredSequence: 0,
      retiredBlock: 0,
      revokedBlock: 0,
      ...changes,
    }
    this.entries.set(machine.id, entry)
    this.#byThumbprint.set(Buffer.from(machine.thumbprint).toString('hex'), entry)
  }

  readonly #byThumbprint = new Map<string, KeyEntry>()

  async keyOf(thumbprint: Hash32): Promise<KeyEntry | null> {
    this.asked += 1
    if (this.down) throw new Error('no answer')
    return this.#byThumbprint.get(Buffer.from(thumbprint).toString('hex')) ?? null
  }
}
