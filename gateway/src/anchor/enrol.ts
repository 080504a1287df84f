/**
 * Enrolment by relay: the machine signs who shall own it and which log is its home, anyone may carry that to the registry
 * and pay for it. The relay can change nothing of what was signed.
 */
import { concat, equalBytes, expectLength, FieldproofError, fromHex, type Hash32, hash32 } from '@fieldproof/sdk/base'
import { encodeCoseKey } from '@fieldproof/sdk/crypto'
import { fetchChainId, type Rpc, toRpcData } from '@fieldproof/sdk/evm'
import { nativeHash } from '@fieldproof/sdk/native'
import { encodeFunctionData } from 'viem'
import { machineRegistryAbi } from './abi.ts'
import { accountOf } from './accounts.ts'
import { httpRpc } from './http-rpc.ts'
import { fetchVerifier, registryKeys } from './registry.ts'
import { transact } from './transact.ts'

const DEADLINE_MS = 120_000

/** A signed wish to be enrolled. */
export interface Enrolment {
  /** P-256, x ‖ y, 64 bytes. */
  readonly publicKey: Uint8Array
  /** 20 bytes. */
  readonly owner: Uint8Array
  readonly homeLog: Hash32
  /** Seconds since 1970. */
  readonly deadline: number
  /** r ‖ s over `enrolmentDigest`, 64 bytes, low s. */
  readonly signature: Uint8Array
}

/** Who carries enrolments to the chain. */
export interface RelayOptions {
  readonly rpcUrl: string
  /** Pays. Best not the appender's: its transactions then never wait for each other. */
  readonly privateKey: string
  /** 20 bytes. */
  readonly registry: Uint8Array
}

/** An enrolled machine. */
export interface Enrolled {
  /** 16 bytes: first half of the key's thumbprint. */
  readonly machine: Uint8Array
  /** False when it had been enrolled just so before. */
  readonly isNew: boolean
}

/**
 * Enrols a machine. Repeating it is harmless.
 * @throws FieldproofError `enrol-refused` with the fact `revert` when the contract refuses, `deadline-passed` when it was not
 * mined in time and may yet be, `rpc-failed`
 */
export async function relayEnrol(options: RelayOptions, enrolment: Enrolment): Promise<Enrolled> {
  const { registry } = options
  const rpc = httpRpc(options.rpcUrl)
  const account = accountOf(options.privateKey)
  const publicKey = expectLength(enrolment.publicKey, 64, 'public key')
  const thumbprint = hash32(nativeHash.sha256(encodeCoseKey({ alg: -9, publicKey })))
  const machine = thumbprint.slice(0, 16)
  if (await isEnrolledSo(rpc, registry, thumbprint, enrolment)) return { machine, isNew: false }
  const data = enrolCall(concat(await fetchVerifier(rpc, registry), publicKey), enrolment)
  const call = { to: registry, data, abi: machineRegistryAbi }
  try {
    await transact(rpc, account, await fetchChainId(rpc), call, DEADLINE_MS)
  } catch (error) {
    if (!(error instanceof FieldproofError) || error.code !== 'transaction-failed') throw error
    // Two relays of one enrolment: the second is refused, and both were served.
    if (await isEnrolledSo(rpc, registry, thumbprint, enrolment)) return { machine, isNew: false }
    const { revert } = error.facts
    if (typeof revert !== 'string') throw error
    // The contract's own word alone: strangers read it, and the node's may quote anything.
    throw new FieldproofError(
      'enrol-refused',
      `the contract refuses: ${revert === '0x' ? 'no reason given' : revert}`,
      {
        facts: error.facts,
        cause: error,
      },
    )
  }
  return { machine, isNew: true }
}

function enrolCall(signer: Uint8Array, { owner, homeLog, deadline, signature }: Enrolment): Uint8Array {
  const hex = (bytes: Uint8Array): `0x${string}` => toRpcData(bytes) as `0x${string}`
  const args = [hex(signer), hex(owner), hex(homeLog), BigInt(deadline), hex(signature)] as const
  return fromHex(encodeFunctionData({ abi: machineRegistryAbi, functionName: 'enrol', args }))
}

async function isEnrolledSo(
  rpc: Rpc,
  registry: Uint8Array,
  thumbprint: Hash32,
  { owner, homeLog }: Enrolment,
): Promise<boolean> {
  const reader = registryKeys(rpc, registry)
  const entry = await reader.keyOf(thumbprint)
  if (entry === null) return false
  const [home, holder] = await Promise.all([reader.homeOf(entry.machine), reader.ownerOf(entry.machine)])
  return home !== null && holder !== null && equalBytes(home, homeLog) && equalBytes(holder, owner)
}
