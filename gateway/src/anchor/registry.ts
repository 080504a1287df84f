/** What the MachineRegistry says, cached: ingest asks for a key with every birth and again from time to time. */
import { FieldproofError, fromHex, type Hash32, hash32, toHex } from '@fieldproof/sdk/base'
import {
  fetchCall,
  type HomeEntry,
  homeSinceCall,
  type KeyEntry,
  keyOfCall,
  type Rpc,
  readHomeEntry,
  readKeyEntry,
  readRight,
  readWords,
  toRpcData,
  wordOf,
} from '@fieldproof/sdk/evm'
import { encodeFunctionData } from 'viem'
import { machineRegistryAbi } from './abi.ts'

/** Reads of one registry. @throws FieldproofError `rpc-failed`, `rpc-invalid`, `contract-missing` */
export interface RegistryReader {
  /** Entry of a key, or null when it is not enrolled. Cached. */
  keyOf(thumbprint: Hash32): Promise<KeyEntry | null>
  /** The machine's home log now, or null for an unknown machine. @param machine 16 bytes */
  homeOf(machine: Uint8Array): Promise<Hash32 | null>
  /** When a log was the machine's home, or null when it never was. Cached. @param machine 16 bytes */
  homeSince(machine: Uint8Array, logId: Hash32): Promise<HomeEntry | null>
  /** Owner of the machine's token, 20 bytes, or null for an unknown machine. @param machine 16 bytes */
  ownerOf(machine: Uint8Array): Promise<Uint8Array | null>
}

/** How long answers are believed, in ms. */
export interface RegistryCache {
  readonly enrolledMs: number
  readonly unknownMs: number
}

/** A revocation counts from its block on, whenever it is heard of; an enrolment is waited for by somebody. */
const CACHE: RegistryCache = { enrolledMs: 60_000, unknownMs: 2_000 }
/** Strangers can ask for as many keys as they like. */
const MAX_CACHED = 10_000

interface Cached {
  readonly entry: Promise<unknown>
  until: number
}

/**
 * Reads a MachineRegistry through a node.
 * @param registry 20 bytes
 * @param now milliseconds from any start
 */
export function registryKeys(
  rpc: Rpc,
  registry: Uint8Array,
  now: () => number = () => performance.now(),
  cache: RegistryCache = CACHE,
): RegistryReader {
  const answers = new Map<string, Cached>()
  const cached = <T>(name: string, ask: () => Promise<T | null>): Promise<T | null> => {
    const known = answers.get(name)
    if (known !== undefined && now() < known.until) return known.entry as Promise<T | null>
    const entry = ask()
    const answer: Cached = { entry, until: Number.POSITIVE_INFINITY } // one question at a time
    answers.delete(name)
    answers.set(name, answer)
    dropOldest(answers)
    entry.then(
      (found) => {
        answer.until = now() + (found === null ? cache.unknownMs : cache.enrolledMs)
      },
      () => answers.delete(name), // the caller has the error; the next one asks again
    )
    return entry
  }
  return {
    keyOf(thumbprint) {
      return cached(toHex(thumbprint), async () => readKeyEntry(await fetchCall(rpc, registry, keyOfCall(thumbprint))))
    },
    async homeOf(machine) {
      const data = await fetchCall(rpc, registry, callOf('homeOf', machine))
      const logId = hash32(data)
      return logId.every((byte) => byte === 0) ? null : logId
    },
    homeSince(machine, logId) {
      return cached(`${toHex(machine)} ${toHex(logId)}`, async () =>
        readHomeEntry(await fetchCall(rpc, registry, homeSinceCall(machine, logId))),
      )
    },
    async ownerOf(machine) {
      try {
        const data = await fetchCall(rpc, registry, callOf('ownerOf', machine))
        return readRight(readWords(data, 1, 'ownerOf()')[0], 20, 'ownerOf()')
      } catch (error) {
        if (isRevert(error)) return null // ERC-721 reverts for a token that does not exist
        throw error
      }
    },
  }
}

/** Address of the only ERC-7913 verifier that the registry accepts, 20 bytes. @throws FieldproofError `contract-missing` */
export async function fetchVerifier(rpc: Rpc, registry: Uint8Array): Promise<Uint8Array> {
  const call = encodeFunctionData({ abi: machineRegistryAbi, functionName: 'p256Verifier' })
  const data = await fetchCall(rpc, registry, fromHex(call))
  return readRight(readWords(data, 1, 'p256Verifier()')[0], 20, 'p256Verifier()')
}

/** Nonce of the machine's next enrolment or rotation signature. @param machine 16 bytes */
export async function fetchNonce(rpc: Rpc, registry: Uint8Array, machine: Uint8Array): Promise<bigint> {
  const data = await fetchCall(rpc, registry, callOf('nonceOf', machine))
  return BigInt(toRpcData(hash32(data)))
}

function callOf(functionName: 'homeOf' | 'ownerOf' | 'nonceOf', machine: Uint8Array): Uint8Array {
  const id = BigInt(toRpcData(wordOf(machine)))
  return fromHex(encodeFunctionData({ abi: machineRegistryAbi, functionName, args: [id] }))
}

function isRevert(error: unknown): boolean {
  return error instanceof FieldproofError && typeof error.facts['revertData'] === 'string'
}

function dropOldest(answers: Map<string, Cached>): void {
  const oldest = answers.keys().next().value
  if (answers.size > MAX_CACHED && oldest !== undefined) answers.delete(oldest)
}
