/** A chain with one log in it, for the anchorer's tests: blocks, a pool, reorganisations, and a target over all that. */
import { equalBytes, FieldproofError, type Hash32, hash32 } from '@fieldproof/sdk/base'
import { keccak256, readHeader, readState } from '@fieldproof/sdk/evm'
import { MerkleTree } from '@fieldproof/sdk/merkle'
import { nativeHash } from '@fieldproof/sdk/native'
import type { LogHeads } from '../../src/anchor/anchor-events.ts'
import { NodePool } from '../../src/anchor/node-pool.ts'
import type {
  AnchorEvidence,
  AnchorTarget,
  EvidenceWanted,
  Head,
  MinedBlock,
  MinedHead,
  PreparedAnchor,
  TransactionStatus,
} from '../../src/anchor/ports.ts'
import type { Timer } from '../../src/anchor/timer.ts'
import { buildHeader, buildState } from './fake-state.ts'

/** A log whose leaves are numbers. */
export class FakeLog implements LogHeads {
  readonly tree: MerkleTree = new MerkleTree(nativeHash)
  /** Ranges of leaves whose signers were asked for. */
  readonly asked: (readonly [from: number, to: number])[] = []
  readonly #salt: number

  constructor(size: number, salt = 0) {
    this.#salt = salt
    this.grow(size)
  }

  grow(leaves: number): void {
    for (let i = 0; i < leaves; i++) this.tree.append(digest(`leaf ${this.#salt} ${this.tree.size}`))
  }

  current(): Head {
    return { size: this.tree.size, root: this.tree.root() }
  }

  consistency(oldSize: number, newSize: number): Uint8Array[] {
    return this.tree.consistencyPath(oldSize, newSize)
  }

  rootAt(size: number): Hash32 {
    return this.tree.root(size)
  }

  async signersBetween(from: number, to: number): Promise<EvidenceWanted> {
    this.asked.push([from, to])
    return { keys: [], machines: [], beacons: [] }
  }
}

interface Block {
  readonly hash: Hash32
  readonly header: Uint8Array
  /** Trie nodes of the state after it. */
  readonly nodes: readonly Uint8Array[]
  readonly head: Head
  /** Block that the head is of. */
  readonly headBlock: number
  readonly headTx: Signed | null
  readonly nonce: number
  /** Mined here, with success or not. */
  readonly mined: ReadonlyMap<string, boolean>
}

interface Signed extends PreparedAnchor {
  readonly from: Head
  readonly fee: number
}

/** How many blocks lie on top of a final one. */
export const FINAL_DEPTH = 2
/** Blocks whose hash the state knows. */
const HISTORY = 4

export class FakeChain implements AnchorTarget {
  readonly caip2 = 'eip155:31337'
  readonly registry: Uint8Array = new Uint8Array(20).fill(1)
  readonly anchorLog: Uint8Array = new Uint8Array(20).fill(2)
  readonly logId: Hash32 = digest('log')
  price = 1n
  /** Called before a transaction enters the pool. */
  onSend: (prepared: PreparedAnchor) => Promise<void> = async () => undefined
  /** Every transaction that the node took. */
  readonly sent: PreparedAnchor[] = []
  readonly reverted: PreparedAnchor[] = []
  /** When set, the next send is refused with these words. */
  refusal: string | null = null
  readonly #hasState: boolean
  readonly #signed = new Map<string, Signed>()
  #blocks: Block[] = []
  #pool = new Map<number, Signed>()
  #salt = 0

  /** @param hasState builds the tries of every block, which takes a while: without them evidence proves nothing */
  constructor(first: Head, hasState = false) {
    this.#hasState = hasState
    const create: Signed = { head: first, from: first, fee: 1, nonce: 0, ...this.#identity('create') }
    this.#signed.set(key(create.txHash), create)
    this.#push(first, create, 1, new Map([[key(create.txHash), true]]))
  }

  /** Number of the newest block. */
  get number(): number {
    return this.#blocks.length - 1
  }

  get pooled(): PreparedAnchor[] {
    return [...this.#pool.values()]
  }

  /** Mines blocks; each takes what the pool has for the account's next nonce. */
  mine(blocks = 1): void {
    for (let i = 0; i < blocks; i++) {
      const { head, headTx, nonce } = this.#top()
      const tx = this.#pool.get(nonce)
      if (tx === undefined) {
        this.#push(head, headTx, nonce, new Map())
        continue
      }
      this.#pool.delete(nonce)
      const isGood = tx.from.size === head.size && equalBytes(tx.from.root, head.root) && tx.head.size > head.size
      if (!isGood) this.reverted.push(tx)
      this.#push(isGood ? tx.head : head, isGood ? tx : headTx, nonce + 1, new Map([[key(tx.txHash), isGood]]))
    }
  }

  /** The account sends something else, which is mined and takes a nonce. */
  mineForeign(): void {
    const { head, headTx, nonce } = this.#top()
    this.#pool.delete(nonce)
    this.#push(head, headTx, nonce + 1, new Map())
  }

  /** Puts other, empty blocks in place of the newest ones. @param returns whether their transactions go back to the pool */
  reorg(depth: number, returns: boolean): void {
    const undone = this.#blocks.splice(-depth)
    this.#salt++
    if (returns) for (const block of undone) for (const hash of block.mined.keys()) this.#repool(hash)
    const { head, headTx, nonce } = this.#top()
    for (let i = 0; i < depth; i++) this.#push(head, headTx, nonce, new Map())
  }

  /** Forgets the newest blocks, as a development chain does after a power cut. */
  forget(blocks: number): void {
    this.#blocks.splice(-blocks)
    this.#pool.clear()
    this.#salt++
  }

  /** Every node forgets what waits. */
  dropPool(): void {
    this.#pool.clear()
  }

  /** A transaction that was dropped comes back from a node that had kept it. */
  resurrect(txHash: Hash32): void {
    this.#repool(key(txHash))
  }

  async head(): Promise<Head> {
    return this.#top().head
  }

  async prepare(
    from: Head,
    to: Head,
    consistency: readonly Uint8Array[],
    replaces?: PreparedAnchor,
  ): Promise<PreparedAnchor> {
    if (consistency.length === 0 && from.size !== to.size) throw new Error('no proof')
    const nonce = Math.min(this.#nextNonce(), replaces?.nonce ?? Number.POSITIVE_INFINITY)
    const fee = replaces === undefined ? 1 : (this.#signed.get(key(replaces.txHash))?.fee ?? 1) * 1.125
    const identity = this.#identity(`${nonce} ${fee} ${to.size} ${from.size} ${this.#signed.size}`)
    const signed: Signed = { head: to, from, nonce, fee, ...identity }
    this.#signed.set(key(signed.txHash), signed)
    const { txHash, rawTransaction } = signed
    return { head: to, nonce, txHash, rawTransaction }
  }

  async send(prepared: PreparedAnchor): Promise<void> {
    await this.onSend(prepared)
    const signed = this.#signed.get(key(prepared.txHash))
    if (signed === undefined || prepared.rawTransaction.length === 0) throw new Error('not signed here')
    const refusal = this.refusal
    this.refusal = null
    if (refusal !== null) throw refused(refusal)
    if (signed.nonce > this.#nextNonce()) throw refused('nonce gap')
    const waiting = this.#pool.get(signed.nonce)
    if (waiting !== undefined && equalBytes(waiting.txHash, signed.txHash)) return
    if (signed.nonce < this.#top().nonce) {
      if ((await this.status(signed.txHash)).kind !== 'lost') return
      throw refused('nonce too low')
    }
    if (waiting !== undefined && signed.fee < waiting.fee * 1.1) throw refused('replacement transaction underpriced')
    this.#pool.set(signed.nonce, signed)
    this.sent.push(prepared)
  }

  async status(txHash: Hash32): Promise<TransactionStatus> {
    const name = key(txHash)
    const blockNumber = this.#blocks.findIndex((block) => block.mined.has(name))
    const block = this.#blocks[blockNumber]
    if (block === undefined) return { kind: this.pooled.some((p) => key(p.txHash) === name) ? 'pending' : 'lost' }
    if (block.mined.get(name) === false) return { kind: 'reverted', blockNumber }
    const kind = blockNumber <= this.number - FINAL_DEPTH ? 'final' : 'included'
    return { kind, blockNumber, blockHash: block.hash }
  }

  async find(head: Head): Promise<MinedHead | null> {
    const { headTx, head: current } = this.#top()
    if (headTx === null || current.size !== head.size) return null
    const status = await this.status(headTx.txHash)
    if (status.kind !== 'included' && status.kind !== 'final') return null
    const { blockNumber, blockHash } = status
    return { nonce: headTx.nonce, txHash: headTx.txHash, blockNumber, blockHash }
  }

  async gasPrice(): Promise<bigint> {
    return this.price
  }

  async evidence(
    { size }: Head,
    { blockNumber, blockHash }: MinedBlock,
    { beacons }: EvidenceWanted,
  ): Promise<AnchorEvidence> {
    const block = this.#blocks[blockNumber]
    if (block === undefined || !equalBytes(block.hash, blockHash))
      throw new FieldproofError('rpc-failed', 'no such block')
    if (block.head.size !== size) throw new FieldproofError('rpc-invalid', 'another head')
    const { header } = block
    const cover = { keys: [], machines: [] }
    if (!this.#hasState) return { header, nodes: [], beaconHeaders: [], ...cover }
    const named = [...this.#blocks.entries()].filter(
      ([number, { hash }]) =>
        number < blockNumber &&
        number >= blockNumber - HISTORY &&
        beacons.some((beacon) => beacon.number === number && equalBytes(beacon.hash, hash)),
    )
    const reader = new NodePool(block.nodes).reader()
    const { registry, logId } = this
    const blocks = named.map(([number]) => number)
    readState(readHeader(header).stateRoot, { registry, logId, keys: [], machines: [], blocks }, reader.source)
    return { header, nodes: reader.used, beaconHeaders: named.map(([, beacon]) => beacon.header), ...cover }
  }

  async blockHash(blockNumber: number): Promise<Hash32 | null> {
    return this.#blocks[blockNumber]?.hash ?? null
  }

  async finalised(): Promise<{ chainId: number; number: number; hash: Hash32; timestamp: number }> {
    const number = Math.max(0, this.number - FINAL_DEPTH)
    return { chainId: 31337, number, hash: this.#blocks[number]?.hash ?? digest('none'), timestamp: number }
  }

  #top(): Block {
    const top = this.#blocks.at(-1)
    if (top === undefined) throw new Error('the chain has no block')
    return top
  }

  #nextNonce(): number {
    let { nonce } = this.#top()
    while (this.#pool.has(nonce)) nonce++
    return nonce
  }

  #repool(hash: string): void {
    const tx = this.#signed.get(hash)
    if (tx !== undefined && tx.from !== tx.head) this.#pool.set(tx.nonce, tx)
  }

  #push(head: Head, headTx: Signed | null, nonce: number, mined: ReadonlyMap<string, boolean>): void {
    const { registry, anchorLog, logId } = this
    const number = this.#blocks.length
    const headBlock = head === this.#blocks.at(-1)?.head ? this.#top().headBlock : number
    const history = this.#blocks.map(({ hash }, i) => ({ number: i, hash })).slice(-HISTORY)
    const contract = { ...head, time: 1000 + headBlock, blockNumber: headBlock }
    const state = { registry, anchorLog, logId, head: contract, history }
    const { root, nodes } = this.#hasState ? buildState(state) : { root: digest('no state'), nodes: [] }
    const header = buildHeader(number, 1000 + number, root, `${this.#salt} ${[...mined.keys()].join()}`)
    this.#blocks.push({ hash: keccak256(header), header, nodes, head, headBlock, headTx, nonce, mined })
  }

  #identity(name: string): { txHash: Hash32; rawTransaction: Uint8Array } {
    const rawTransaction = new TextEncoder().encode(`raw ${name}`)
    return { txHash: keccak256(rawTransaction), rawTransaction }
  }
}

/** A timer that only moves when told. */
export class FakeTimer implements Timer {
  now = 0
  #tasks: { readonly at: number; readonly task: () => void }[] = []

  monotonicMs(): number {
    return this.now
  }

  after(delayMs: number, task: () => void): () => void {
    const entry = { at: this.now + delayMs, task }
    this.#tasks.push(entry)
    return () => {
      this.#tasks = this.#tasks.filter((other) => other !== entry)
    }
  }

  /** Delay of the next task, or null. */
  nextDelayMs(): number | null {
    const times = this.#tasks.map((entry) => entry.at)
    return times.length === 0 ? null : Math.min(...times) - this.now
  }

  /** Moves on and runs what is due. */
  advance(ms: number): void {
    this.now += ms
    const due = this.#tasks.filter((entry) => entry.at <= this.now)
    this.#tasks = this.#tasks.filter((entry) => entry.at > this.now)
    for (const { task } of due) task()
  }
}

export function digest(text: string): Hash32 {
  return hash32(nativeHash.sha256(new TextEncoder().encode(text)))
}

function refused(words: string): FieldproofError {
  return new FieldproofError('transaction-failed', words)
}

function key(hash: Uint8Array): string {
  return Buffer.from(hash).toString('hex')
}
