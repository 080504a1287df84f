export { type Account, accountOf, devPrivateKey } from './accounts.ts'
export type { AnchorEvent, LogHeads } from './anchor-events.ts'
export type { AnchorPolicy } from './anchor-policy.ts'
export { Anchorer, type AnchorerOptions, openAnchorer } from './anchorer.ts'
export { type BeaconSource, beaconSource } from './beacon.ts'
export { isWithinHistory, knownBlocks } from './block-history.ts'
export { type Contracts, contractAddresses, createLog, deployContracts, type LogOptions } from './deploy.ts'
export { type Enrolled, type Enrolment, type RelayOptions, relayEnrol } from './enrol.ts'
export { type EvmTargetOptions, evmTarget, type Finality } from './evm-target.ts'
export { httpRpc } from './http-rpc.ts'
export { type LocalChain, type LocalChainOptions, startLocalChain } from './local-chain.ts'
export { NodePool } from './node-pool.ts'
export type {
  AnchorEvidence,
  AnchorRecord,
  AnchorState,
  AnchorStore,
  AnchorTarget,
  EvidenceCover,
  EvidenceWanted,
  Head,
  MinedBlock,
  MinedHead,
  PreparedAnchor,
  TransactionStatus,
} from './ports.ts'
export { fetchNonce, fetchVerifier, type RegistryCache, type RegistryReader, registryKeys } from './registry.ts'
export { type Loop, systemTimer, type Timer } from './timer.ts'
