/** Leaf 0 of the log that a configuration means. */
import { fromHex, hash32 } from '@fieldproof/sdk/base'
import { leafHash } from '@fieldproof/sdk/merkle'
import { nativeHash } from '@fieldproof/sdk/native'
import { encodeGenesis, type Genesis } from '@fieldproof/sdk/verify'
import type { AnchorTarget } from '../anchor/index.ts'
import type { LogSigner } from '../ledger/log-signer.ts'
import type { Store } from '../ledger/store.ts'
import type { GatewayConfig } from './config.ts'

/** What a genesis says that names no chain; CAIP-2 has no word for it. */
const NO_CHAIN = 'none:0'
const NO_ADDRESS = new Uint8Array(20)

/** The genesis; the hash of its encoding as a leaf begins the log on chain. */
export function genesisOf(
  config: Pick<GatewayConfig, 'origin' | 'predecessor'>,
  signer: Pick<LogSigner, 'publicKey'>,
  anchoring: Pick<AnchorTarget, 'caip2' | 'anchorLog'> | null,
): Genesis {
  const { origin, predecessor } = config
  return {
    origin,
    logKey: signer.publicKey,
    caip2: anchoring?.caip2 ?? NO_CHAIN,
    anchorLog: anchoring?.anchorLog ?? NO_ADDRESS,
    predecessor: predecessor && { logId: hash32(fromHex(predecessor.logId)), size: predecessor.size },
  }
}

/** Begins the log in a store, or finds it begun; which log it holds is checked when it is opened. */
export async function storeGenesis(store: Store, genesis: Genesis): Promise<void> {
  const bytes = encodeGenesis(genesis)
  if ((await store.genesis()) === null) await store.create(bytes, leafHash(nativeHash, bytes))
}
