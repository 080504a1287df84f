/**
 * The keys and stream definitions that machines announced (birth), and what the registry says of the keys. Only an enrolled
 * key reaches the store; births of others wait in bounded memory, so that enrolment after birth needs no new message.
 */
import {
  equalBytes,
  FieldproofError,
  fieldproofErrorOf,
  type Hash32,
  hash32,
  type MachineId,
  machineIdBytes,
  toHex,
} from '@fieldproof/sdk/base'
import { decodeCoseKey, type Hash, KID_BYTES, type PublicKey, type Suites } from '@fieldproof/sdk/crypto'
import type { KeyEntry } from '@fieldproof/sdk/evm'
import { definitionHash } from '@fieldproof/sdk/merkle'
import { decodeBirth, decodeDefinition, type StreamDefinition } from '@fieldproof/sdk/wire'
import type { Store, StoredKey } from '../ledger/store.ts'
import type { KeyRegistry } from './key-registry.ts'

/** A key that may sign for a machine. */
export interface KnownKey extends StoredKey {
  readonly publicKey: PublicKey
}

/** What the directory needs. */
export interface DirectoryOptions {
  readonly store: Store
  readonly registry: KeyRegistry
  /** This log, on chain: a machine whose home is another one could never prove what is logged here. Null checks nothing. */
  readonly homeLog: Hash32 | null
  readonly hash: Hash
  readonly suites: Suites
  /** Milliseconds, from any start. */
  readonly now: () => number
  /** How old the registry's word on a key may be before it is asked again, in ms. */
  readonly refreshMs: number
  /** Shortest time between two questions about a key that is not enrolled, in ms. */
  readonly retryMs: number
  readonly onFault: (error: unknown) => void
}

/** What a birth message said. */
export interface Announced {
  readonly enrolled: boolean
  readonly streams: readonly string[]
}

interface Birth {
  readonly key: PublicKey
  readonly coseKey: Uint8Array
  readonly thumbprint: Hash32
  readonly machine: MachineId
  readonly definitions: ReadonlyMap<Hash32, Uint8Array>
  readonly software: string
  readonly digest: Hash32
  askedAt: number
}

/** Births of keys that are not enrolled, kept at most: 16 MB of the largest. A machine whose birth was dropped is asked for it again. */
const MAX_WAITING = 256

/** Keys by kid, definitions by hash. Make one with {@link openKeyDirectory}. */
export class KeyDirectory {
  readonly #options: DirectoryOptions
  readonly #keys = new Map<string, KnownKey>()
  readonly #checkedAt = new Map<string, number>()
  readonly #waiting = new Map<string, Birth>()
  readonly #asking = new Map<string, Promise<KnownKey | null>>()
  readonly #definitions = new Map<string, StreamDefinition>()
  /** Digest of the birth message that is stored for a key: machines send the same one at every connection. */
  readonly #stored = new Map<string, Hash32>()

  constructor(options: DirectoryOptions, keys: readonly StoredKey[]) {
    this.#options = options
    for (const key of keys) this.#hold(key)
  }

  /**
   * Takes a birth message.
   * @throws FieldproofError `message-invalid`, `key-invalid`, `definition-invalid`, `wrong-topic`, or the gate's codes
   */
  async announce(machine: MachineId, message: Uint8Array): Promise<Announced> {
    const birth = this.#readBirth(machine, message)
    const streams = [...birth.definitions.values()].map((bytes) => decodeDefinition(bytes).name)
    const kid = kidOf(birth.thumbprint)
    const known = this.#keys.get(kid)
    if (known !== undefined && known.machine === machine) {
      await this.#storeBirth(birth, known)
      return { enrolled: true, streams }
    }
    this.#wait(kid, birth)
    return { enrolled: (await this.#ask(kid, birth)) !== null, streams }
  }

  /**
   * The key that a statement names.
   * @throws FieldproofError `unknown-key` or `revoked-key`
   */
  async keyFor(kid: Uint8Array, machine: MachineId): Promise<KnownKey> {
    const name = toHex(kid)
    const key = this.#keys.get(name) ?? (await this.#askAgain(name))
    if (key == null)
      throw unknown('the key is not enrolled with this log as its home, or its birth message has not been seen', name)
    if (key.machine !== machine) throw unknown(`the key is enrolled for machine ${key.machine}`, name)
    if (key.revoked) throw new FieldproofError('revoked-key', 'the key has been revoked', { facts: { kid: name } })
    this.#refreshIfOld(name, key)
    return key
  }

  /** The definition with that hash, or null when no machine has announced it. */
  async definitionOf(hash: Hash32): Promise<StreamDefinition | null> {
    const name = toHex(hash)
    const known = this.#definitions.get(name)
    if (known !== undefined) return known
    const bytes = await this.#options.store.definition(hash)
    if (bytes === null) return null
    const definition = decodeDefinition(bytes)
    this.#definitions.set(name, definition)
    return definition
  }

  /** COSE_Key bytes of a thumbprint, or null. */
  coseKeyOf(thumbprint: Hash32): Uint8Array | null {
    return this.#keys.get(kidOf(thumbprint))?.coseKey ?? null
  }

  #readBirth(machine: MachineId, message: Uint8Array): Birth {
    const { hash, suites } = this.#options
    const { key: coseKey, definitions, software } = decodeBirth(message)
    const key = decodeCoseKey(coseKey, suites)
    const byHash = new Map<Hash32, Uint8Array>()
    for (const bytes of definitions) {
      decodeDefinition(bytes)
      byHash.set(definitionHash(hash, bytes), bytes)
    }
    const thumbprint = hash32(hash.sha256(coseKey))
    const digest = hash32(hash.sha256(message))
    const askedAt = Number.NEGATIVE_INFINITY
    return { key, coseKey, thumbprint, machine, definitions: byHash, software, digest, askedAt }
  }

  #wait(kid: string, birth: Birth): void {
    this.#waiting.delete(kid)
    this.#waiting.set(kid, birth)
    const oldest = this.#waiting.keys().next().value
    if (this.#waiting.size > MAX_WAITING && oldest !== undefined) this.#waiting.delete(oldest)
  }

  async #askAgain(kid: string): Promise<KnownKey | null> {
    const birth = this.#waiting.get(kid)
    if (birth === undefined) return null
    if (!this.#asking.has(kid) && this.#options.now() - birth.askedAt < this.#options.retryMs) return null
    return await this.#ask(kid, birth)
  }

  /** Asks the registry about a key that waits; one question at a time. */
  #ask(kid: string, birth: Birth): Promise<KnownKey | null> {
    const running = this.#asking.get(kid)
    if (running !== undefined) return running
    const asked = this.#enrolledKey(kid, birth).finally(() => this.#asking.delete(kid))
    this.#asking.set(kid, asked)
    return asked
  }

  async #enrolledKey(kid: string, birth: Birth): Promise<KnownKey | null> {
    birth.askedAt = this.#options.now()
    let entry: KeyEntry | null
    try {
      entry = await this.#options.registry.keyOf(birth.thumbprint)
      if (entry !== null && !(await this.#isHome(entry.machine))) return null
    } catch (error) {
      // Nobody answered: the machine hears "unknown for now" and asks again; nothing is decided.
      this.#options.onFault(unanswered(error))
      return null
    }
    if (entry === null || !equalBytes(entry.machine, machineIdBytes(birth.machine))) return null
    const key = storedKey(birth, entry)
    await this.#storeBirth(birth, key)
    this.#checkedAt.set(kid, this.#options.now())
    this.#waiting.delete(kid)
    return this.#keys.get(kid) ?? null
  }

  async #isHome(machine: Uint8Array): Promise<boolean> {
    const { registry, homeLog } = this.#options
    if (registry.homeOf === undefined || homeLog === null) return true
    const home = await registry.homeOf(machine)
    return home !== null && equalBytes(home, homeLog)
  }

  async #storeBirth(birth: Birth, key: StoredKey): Promise<void> {
    const kid = kidOf(birth.thumbprint)
    const before = this.#stored.get(kid)
    if (before !== undefined && equalBytes(before, birth.digest)) return
    await this.#options.store.putBirth(
      { ...key, coseKey: birth.coseKey, thumbprint: birth.thumbprint, machine: birth.machine },
      birth.definitions,
      birth.software,
    )
    this.#hold({ ...key, coseKey: birth.coseKey })
    this.#stored.set(kid, birth.digest)
  }

  /** A key that was good stays good while the registry is asked: an RPC endpoint must not stop the log. */
  #refreshIfOld(kid: string, key: KnownKey): void {
    const { now, refreshMs, registry, store, onFault } = this.#options
    if (now() - (this.#checkedAt.get(kid) ?? Number.NEGATIVE_INFINITY) < refreshMs) return
    this.#checkedAt.set(kid, now())
    const refresh = async (): Promise<void> => {
      const entry = await registry.keyOf(key.thumbprint).catch((error: unknown) => {
        onFault(unanswered(error))
        return null
      })
      if (entry === null) return // a reorganisation: it will be enrolled again, or the next look says so too
      const fresh: StoredKey = { ...key, retiredSequence: entry.retiredSequence, revoked: entry.revokedBlock !== 0 }
      if (fresh.revoked === key.revoked && fresh.retiredSequence === key.retiredSequence) return
      await store.putKey(fresh)
      this.#hold(fresh)
    }
    refresh().catch(onFault)
  }

  #hold(key: StoredKey): void {
    const publicKey = decodeCoseKey(key.coseKey, this.#options.suites)
    this.#keys.set(kidOf(key.thumbprint), { ...key, publicKey })
  }
}

/** A directory over what the store holds. */
export async function openKeyDirectory(options: DirectoryOptions): Promise<KeyDirectory> {
  return new KeyDirectory(options, await options.store.keys())
}

function storedKey(birth: Birth, entry: KeyEntry): StoredKey {
  return {
    thumbprint: birth.thumbprint,
    machine: birth.machine,
    coseKey: birth.coseKey,
    retiredSequence: entry.retiredSequence,
    revoked: entry.revokedBlock !== 0,
  }
}

function kidOf(thumbprint: Uint8Array): string {
  return toHex(thumbprint.subarray(0, KID_BYTES))
}

/** Whatever a registry throws, it is no fault of the store. */
function unanswered(error: unknown): FieldproofError {
  return fieldproofErrorOf(error) ?? new FieldproofError('rpc-failed', 'the registry did not answer', { cause: error })
}

function unknown(why: string, kid: string): FieldproofError {
  return new FieldproofError('unknown-key', why, { facts: { kid } })
}
