/** Facts of a chain with one thing changed. */
import type { ChainFacts, TransactionFacts } from './chain.ts'

/** Changes the transaction. */
export function tx(change: (tx: TransactionFacts) => Partial<TransactionFacts>): (facts: ChainFacts) => ChainFacts {
  return (facts) => ({
    ...facts,
    transaction: facts.transaction && { ...facts.transaction, ...change(facts.transaction) },
  })
}

/** Changes every key. */
export function keys(change: Partial<ChainFacts['keys'][number]>): (facts: ChainFacts) => ChainFacts {
  return (facts) => ({ ...facts, keys: facts.keys.map((key) => ({ ...key, ...change })) })
}

/** Changes every home. */
export function homes(change: Partial<ChainFacts['homes'][number]>): (facts: ChainFacts) => ChainFacts {
  return (facts) => ({ ...facts, homes: facts.homes.map((home) => ({ ...home, ...change })) })
}
