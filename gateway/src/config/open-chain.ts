/** From the chain section of a configuration to the parts that a gateway takes. */
import { equalBytes, FieldproofError, fromHex, type Hash32, toHex } from '@fieldproof/sdk/base'
import { ANCHOR_LOG_CALL, caip2Of, fetchCall, fetchChainId, logIdOf, readAnchorLog } from '@fieldproof/sdk/evm'
import { leafHash } from '@fieldproof/sdk/merkle'
import { nativeHash } from '@fieldproof/sdk/native'
import { encodeGenesis } from '@fieldproof/sdk/verify'
import { type AnchorTarget, accountOf, createLog, evmTarget, httpRpc, registryKeys } from '../anchor/index.ts'
import type { KeyRegistry } from '../ingest/key-registry.ts'
import type { LogSigner } from '../ledger/log-signer.ts'
import { type EnrolRelay, enrolRelay } from '../serve/enrol.ts'
import type { ChainConfig, GatewayConfig } from './config.ts'
import { genesisOf } from './genesis.ts'
import { readPrivateFile } from './log-key.ts'

/** The chain's side of a gateway. */
export interface OpenedChain {
  readonly anchoring: AnchorTarget
  readonly registry: KeyRegistry
  readonly enrol: EnrolRelay | null
}

/** Which log on which contract a configuration means. */
export interface LogOnChain {
  /** AnchorLog, 20 bytes. */
  readonly anchorLog: Uint8Array
  readonly genesisLeafHash: Hash32
  readonly logId: Hash32
}

/**
 * Opens the chain of a configuration.
 * @throws FieldproofError `chain-mismatch`, `contract-missing` also when the log has not begun, `config-invalid`,
 * `key-missing`, `key-exposed`, `rpc-failed`
 */
export async function openChain(config: GatewayConfig, chain: ChainConfig, signer: LogSigner): Promise<OpenedChain> {
  const { rpcUrl, chainId, finality } = chain
  const registry = fromHex(chain.registry)
  const { logId } = await logOnChain(config, chain, signer)
  const privateKey = readPrivateFile(chain.appenderKeyFile, 'appender key').trim()
  const anchoring = await evmTarget({ rpcUrl, chainId, registry, logId, privateKey, finality })
  const keys = registryKeys(httpRpc(rpcUrl), registry)
  const owner = fromHex(chain.owner)
  const relay =
    chain.relayKeyFile === null
      ? null
      : enrolRelay({
          rpcUrl,
          chainId,
          registry,
          owner,
          homeLog: logId,
          privateKey: readPrivateFile(chain.relayKeyFile, 'relay key').trim(),
          now: () => Math.floor(Date.now() / 1000),
        })
  return { anchoring, registry: keys, enrol: relay }
}

/**
 * Begins the log of a configuration on its chain, or finds it begun.
 * @param ownerKey private key of the configured owner, 0x-hex
 * @throws FieldproofError `config-invalid` when it is another account's key, `contract-missing`, `transaction-failed`, `rpc-failed`
 */
export async function beginLog(
  config: GatewayConfig,
  chain: ChainConfig,
  signer: LogSigner,
  ownerKey: string,
  appender: Uint8Array,
): Promise<LogOnChain> {
  if (!equalBytes(accountOf(ownerKey).address, fromHex(chain.owner))) {
    throw new FieldproofError('config-invalid', `the key is not that of the owner ${chain.owner}`)
  }
  const log = await logOnChain(config, chain, signer)
  const { anchorLog, genesisLeafHash } = log
  await createLog({ rpcUrl: chain.rpcUrl, privateKey: ownerKey, anchorLog, genesisLeafHash, appender })
  return log
}

/** The log that a configuration means: its id follows from owner and genesis, so it is configured nowhere. */
async function logOnChain(config: GatewayConfig, chain: ChainConfig, signer: LogSigner): Promise<LogOnChain> {
  const rpc = httpRpc(chain.rpcUrl)
  const found = await fetchChainId(rpc)
  if (found !== chain.chainId) {
    throw new FieldproofError(
      'chain-mismatch',
      `the node is on chain ${found}, the configuration names ${chain.chainId}`,
    )
  }
  const anchorLog = readAnchorLog(await fetchCall(rpc, fromHex(chain.registry), ANCHOR_LOG_CALL))
  const genesis = genesisOf(config, signer, { caip2: caip2Of(chain.chainId), anchorLog })
  const genesisLeafHash = leafHash(nativeHash, encodeGenesis(genesis))
  return { anchorLog, genesisLeafHash, logId: logIdOf(fromHex(chain.owner), genesisLeafHash) }
}

/** A log for people. */
export function describeLog({ anchorLog, genesisLeafHash, logId }: LogOnChain): Readonly<Record<string, string>> {
  return {
    anchorLog: `0x${toHex(anchorLog)}`,
    genesisLeafHash: `0x${toHex(genesisLeafHash)}`,
    logId: `0x${toHex(logId)}`,
  }
}
