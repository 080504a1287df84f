/** A program of a user that embeds a gateway. */
import { type Gateway, type GatewayConfig, type GatewayEvent, parseConfig, startGateway } from '@fieldproof/gateway'
import { type LocalChain, startLocalChain } from '@fieldproof/gateway/anchor'
import { MemoryStore, openLedger, type Store } from '@fieldproof/gateway/ledger'

export const store: Store = new MemoryStore()
export const used: readonly string[] = [startGateway, startLocalChain, openLedger].map((one) => typeof one)

export function configOf(text: string): GatewayConfig {
  return parseConfig(JSON.parse(text))
}

export function stopAll(gateway: Gateway, chain: LocalChain): Promise<unknown> {
  return Promise.all([gateway.stop(), chain.stop()])
}

// @ts-expect-error the types are not lost on the way: an event has a name
export const nameless: GatewayEvent = {}
