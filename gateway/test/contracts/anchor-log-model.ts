/**
 * AnchorLog once more, from the rules ANCHOR-1 to ANCHOR-4 and its storage table: what each call must do, which error it must
 * name, and every slot that it must leave behind.
 */
import { concat, encodeAbiParameters, type Hex, keccak256, numberToHex, pad, zeroAddress, zeroHash } from 'viem'
import type { Named, Outcome } from './evm.ts'
import { rootsOfProof } from './reference-tree.ts'

/** One call of AnchorLog. */
export type LogCall =
  | { readonly name: 'create'; readonly args: readonly [genesisLeafHash: Hex, appender: Hex] }
  | { readonly name: 'append'; readonly args: readonly [logId: Hex, size: bigint, root: Hex, proof: readonly Hex[]] }
  | { readonly name: 'proposeAppender'; readonly args: readonly [logId: Hex, appender: Hex] }
  | { readonly name: 'acceptAppender'; readonly args: readonly [logId: Hex] }
  | { readonly name: 'retire'; readonly args: readonly [logId: Hex, lastGoodSize: bigint, successor: Hex] }

/** Everything that is known of a log. */
export interface LogFacts {
  readonly root: Hex
  readonly size: bigint
  readonly time: bigint
  readonly blockNumber: bigint
  readonly lastGoodSize: bigint
  readonly appender: Hex
  readonly owner: Hex
  readonly pendingAppender: Hex
  readonly successor: Hex
}

/** In which block a call runs. */
export interface At {
  readonly number: bigint
  readonly timestamp: bigint
}

/** logId of ANCHOR-1. */
export function logIdOf(creator: Hex, genesisLeafHash: Hex): Hex {
  return keccak256(encodeAbiParameters([{ type: 'address' }, { type: 'bytes32' }], [creator, genesisLeafHash]))
}

const refused = (name: string, ...args: unknown[]): { error: Named } => ({ error: { name, args } })

/** All logs of one contract. */
export class AnchorLogModel {
  readonly logs: Map<Hex, LogFacts> = new Map()

  /** Does what the contract must do, and says what it must answer. */
  apply(caller: Hex, call: LogCall, { number, timestamp }: At): Outcome {
    if (call.name === 'create') return this.#create(caller, ...call.args, { number, timestamp })
    const [logId] = call.args
    const log = this.logs.get(logId)
    if (log === undefined) return refused('UnknownLog', logId)
    if (log.lastGoodSize !== 0n) return refused('RetiredLog', logId)
    if (call.name === 'append') {
      const [, size, root, proof] = call.args
      if (caller !== log.appender) return refused('NotAppender', logId, caller)
      if (size <= log.size) return refused('SizeMustGrow', log.size, size)
      const [older, newer] = rootsOfProof(log.size, size, log.root, proof) ?? []
      if (older !== log.root || newer !== root) return refused('InconsistentTree', logId, log.size, size)
      this.logs.set(logId, { ...log, size, root, time: timestamp, blockNumber: number })
      return { events: [{ name: 'TreeHead', args: { logId, size, root } }] }
    }
    if (call.name === 'acceptAppender') {
      if (caller !== log.pendingAppender) return refused('NotPendingAppender', logId, caller)
      this.logs.set(logId, { ...log, appender: caller, pendingAppender: zeroAddress })
      return { events: [{ name: 'AppenderChanged', args: { logId, previous: log.appender, appender: caller } }] }
    }
    if (caller !== log.owner) return refused('NotOwner', logId, caller)
    if (call.name === 'proposeAppender') {
      const pendingAppender = call.args[1]
      this.logs.set(logId, { ...log, pendingAppender })
      return { events: [{ name: 'AppenderProposed', args: { logId, pendingAppender } }] }
    }
    const [, lastGoodSize, successor] = call.args
    if (lastGoodSize < 1n || lastGoodSize > log.size) return refused('LastGoodSizeOutOfRange', lastGoodSize, log.size)
    if (successor === logId) return refused('SuccessorIsSelf', logId)
    this.logs.set(logId, { ...log, lastGoodSize, successor })
    return { events: [{ name: 'LogRetired', args: { logId, lastGoodSize, successor } }] }
  }

  /** Every slot of the contract, and no other, that is not zero. */
  storage(): Map<Hex, Hex> {
    const slots = new Map<Hex, Hex>()
    for (const [logId, log] of this.logs) {
      const start = BigInt(keccak256(concat([logId, zeroHash])))
      const head = log.size | (log.time << 64n) | (log.blockNumber << 128n) | (log.lastGoodSize << 192n)
      const words = [log.root, numberToHex(head), log.appender, log.owner, log.pendingAppender, log.successor]
      for (const [i, word] of words.entries()) {
        if (BigInt(word) !== 0n) slots.set(numberToHex(start + BigInt(i), { size: 32 }), pad(word))
      }
    }
    return slots
  }

  #create(caller: Hex, genesisLeafHash: Hex, appender: Hex, { number, timestamp }: At): Outcome {
    const logId = logIdOf(caller, genesisLeafHash)
    if (appender === zeroAddress) return refused('ZeroAppender')
    if (this.logs.has(logId)) return refused('LogExists', logId)
    this.logs.set(logId, {
      root: genesisLeafHash,
      size: 1n,
      time: timestamp,
      blockNumber: number,
      lastGoodSize: 0n,
      appender,
      owner: caller,
      pendingAppender: zeroAddress,
      successor: zeroHash,
    })
    return {
      events: [
        { name: 'LogCreated', args: { logId, owner: caller, appender, genesisLeafHash } },
        { name: 'TreeHead', args: { logId, size: 1n, root: genesisLeafHash } },
      ],
    }
  }
}
