/**
 * What machines are told after the log has spoken: the receipt of a statement, and later the anchor that covers it. Telling
 * twice is harmless and telling is never relied on: a machine that missed an answer sends its batch again, and a duplicate
 * is answered with the best that is known.
 */
import type { Hash32, MachineId } from '@fieldproof/sdk/base'
import {
  type AnchorReference,
  type Beacon,
  encodeBeacon,
  encodeReceiptMessage,
  type ReceiptMessage,
} from '@fieldproof/sdk/wire'
import type { Ledger, Settled } from '../ledger/ledger.ts'
import type { LeafId, Store } from '../ledger/store.ts'
import type { Broker } from './broker.ts'
import type { GatewayListener } from './events.ts'

/** What the announcer needs. */
export interface AnnouncerOptions {
  readonly store: Store
  readonly ledger: Ledger
  readonly broker: () => Broker
  /** Chain, registry and log of the anchors; null when nothing is anchored. */
  readonly anchoring: { readonly caip2: string; readonly registry: Uint8Array; readonly logId: Hash32 } | null
  readonly onEvent: GatewayListener
}

/** Statements told of in one go: bounds what waits in one connection. */
const PAGE = 512

/** The newest final anchor, with what every message about it shares. */
interface Anchor {
  readonly size: number
  readonly reference: AnchorReference
  readonly signature: Uint8Array
  readonly receiptOf: (index: number) => Uint8Array
}

/** Tells machines. */
export class Announcer {
  readonly #options: AnnouncerOptions
  #anchor: Anchor | null = null
  #beacon: Beacon | null = null

  constructor(options: AnnouncerOptions) {
    this.#options = options
  }

  /** Reads which final anchor is the newest. Returns its size, 0 when there is none. */
  async load(): Promise<number> {
    const { store, anchoring, ledger } = this.#options
    const record = await store.newestFinalAnchor()
    this.#anchor = null
    if (record?.mined == null || anchoring === null) return 0
    const { size } = record.head
    const { blockNumber, blockHash, txHash } = record.mined
    const { caip2, registry, logId } = anchoring
    const reference: AnchorReference = { caip2, registry, logId, blockNumber, blockHash, txHash }
    // One signature for all receipts, and one for all that name this anchor.
    this.#anchor = {
      size,
      reference,
      signature: ledger.signAnchor(size, reference),
      receiptOf: ledger.receiptsAt(size),
    }
    return size
  }

  /** After G5: one answer a statement. */
  async settled(group: readonly Settled[]): Promise<void> {
    const { ledger } = this.#options
    const newest = ledger.receiptsAt(ledger.head.size)
    for (const { entry, outcome } of group) {
      const { index } = outcome
      if (this.#anchor !== null && index < this.#anchor.size) {
        this.#sendAnchored(entry.machine, { index, id: entry.id }, this.#anchor)
        continue
      }
      const receipt = outcome.kind === 'logged' ? newest(index) : await ledger.receipt(index)
      this.#send(entry.machine, index, { kind: 'logged', id: entry.id, receipt })
    }
  }

  /** The newest anchor is another one: everyone who is there hears of what it covers. */
  async anchored(): Promise<void> {
    const told: MachineId[] = []
    for (const machine of this.#options.broker().connected()) {
      if (await this.#tellAnchor(machine)) told.push(machine)
    }
    if (this.#anchor !== null) await this.#options.store.setTold(told, this.#anchor.size)
  }

  /** A machine listens to its receipts: it hears what was anchored while it was away. */
  async catchUp(machine: MachineId): Promise<void> {
    if (this.#anchor === null || (await this.#options.store.told(machine)) >= this.#anchor.size) return
    const { size } = this.#anchor
    // If we stop before the mark is set, the machine is told again.
    if (await this.#tellAnchor(machine)) await this.#options.store.setTold([machine], size)
  }

  /** Keeps a block for the machines that will connect. */
  hold(beacon: Beacon): void {
    this.#beacon = beacon
  }

  /** A new finalised block. */
  beacon(beacon: Beacon): void {
    this.#beacon = beacon
    const payload = encodeBeacon(beacon)
    const broker = this.#options.broker()
    for (const machine of broker.connected()) broker.send(machine, 'beacon', payload)
  }

  /** What a machine finds retained on its beacon topic. */
  retainedBeacon(machine: MachineId): void {
    if (this.#beacon === null) return
    this.#options.broker().send(machine, 'beacon', encodeBeacon(this.#beacon), { retain: true })
  }

  /** What a machine finds retained on its head topic: its newest logged statement. */
  async retainedHead(machine: MachineId): Promise<void> {
    const newest = await this.#options.store.newestLeaf(machine)
    if (newest === null) return
    this.#options.broker().send(machine, 'head', newest.statement, { retain: true })
  }

  /** Tells a machine of each of its statements that the newest anchor covers. Returns whether it heard of all. */
  async #tellAnchor(machine: MachineId): Promise<boolean> {
    const { store } = this.#options
    const anchor = this.#anchor
    if (anchor === null) return false
    let from = await store.told(machine)
    while (from < anchor.size) {
      const page = await store.idsOf(machine, from, anchor.size, PAGE)
      if (!page.every((statement) => this.#sendAnchored(machine, statement, anchor))) return false
      from = page.length < PAGE ? anchor.size : (page.at(-1)?.index ?? from) + 1
    }
    return true
  }

  #sendAnchored(machine: MachineId, { index, id }: LeafId, { reference, signature, receiptOf }: Anchor): boolean {
    const receipt = receiptOf(index)
    return this.#send(machine, index, { kind: 'anchored', id, receipt, anchor: reference, signature })
  }

  #send(machine: MachineId, logIndex: number, message: Exclude<ReceiptMessage, { kind: 'refused' }>): boolean {
    const sent = this.#options.broker().send(machine, 'receipt', encodeReceiptMessage(message))
    if (sent) this.#options.onEvent({ event: 'receipt-sent', machine, logIndex, kind: message.kind })
    return sent
  }
}
