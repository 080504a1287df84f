/** Enrolment over HTTP: a machine without a wallet asks the gateway to carry its signature to the registry. */
import { FieldproofError, type Hash32, type MachineId, machineId, machineIdOf, toBase32 } from '@fieldproof/sdk/base'
import { thumbprint } from '@fieldproof/sdk/crypto'
import { enrolmentDigest } from '@fieldproof/sdk/evm'
import { nativeHash } from '@fieldproof/sdk/native'
import { fetchNonce, httpRpc, relayEnrol } from '../anchor/index.ts'

/**
 * The terms that a machine is offered. It builds the digest itself from what it agrees to (`enrolmentDigest`); the one
 * given here only lets both sides see early that they mean the same.
 */
export interface EnrolChallenge {
  readonly machine: MachineId
  /** Who will own the machine, 20 bytes. */
  readonly owner: Uint8Array
  readonly homeLog: Hash32
  readonly nonce: number
  /** Seconds since 1970 until which the registry takes the signature. */
  readonly deadline: number
  readonly digest: Hash32
}

/** A machine's consent. */
export interface EnrolRequest {
  /** Raw public key, see `Suite`. */
  readonly publicKey: Uint8Array
  readonly deadline: number
  /** 64 bytes. */
  readonly signature: Uint8Array
}

/** Carries enrolments to the registry, at the operator's cost. */
export interface EnrolRelay {
  /** @throws FieldproofError `enrol-refused` */
  challenge(publicKey: Uint8Array): Promise<EnrolChallenge>
  /**
   * Resolves when the registry has taken it; repeating it is harmless.
   * @throws FieldproofError `enrol-refused`, `deadline-passed`, `rpc-failed`
   */
  enrol(request: EnrolRequest): Promise<{ readonly machine: MachineId; readonly isNew: boolean }>
}

/** What a relay over an RPC endpoint needs. */
export interface RelayTerms {
  readonly rpcUrl: string
  /** Pays for the transactions. */
  readonly privateKey: string
  readonly chainId: number
  /** MachineRegistry, 20 bytes. */
  readonly registry: Uint8Array
  /** Who will own the machines, 20 bytes. */
  readonly owner: Uint8Array
  readonly homeLog: Hash32
  /** Seconds since 1970. */
  readonly now: () => number
}

/** How long an offer stands, in seconds. */
const OFFER_SECONDS = 3_600

/** A relay that enrols P-256 machines for one owner, with this gateway's log as their home. */
export function enrolRelay({ rpcUrl, privateKey, chainId, registry, owner, homeLog, now }: RelayTerms): EnrolRelay {
  const rpc = httpRpc(rpcUrl)
  return {
    async challenge(publicKey) {
      if (publicKey.length !== 64) {
        throw new FieldproofError('enrol-refused', 'only P-256 keys can prove themselves to the registry')
      }
      const digestOfKey = thumbprint({ alg: -9, publicKey }, nativeHash)
      const nonce = Number(await fetchNonce(rpc, registry, digestOfKey.slice(0, 16)))
      const deadline = now() + OFFER_SECONDS
      const terms = { chainId, registry, owner, homeLog, thumbprint: digestOfKey, nonce, deadline }
      return { machine: machineIdOf(digestOfKey), owner, homeLog, nonce, deadline, digest: enrolmentDigest(terms) }
    },
    async enrol({ publicKey, deadline, signature }) {
      const enrolment = { publicKey, owner, homeLog, deadline, signature }
      const { machine, isNew } = await relayEnrol({ rpcUrl, privateKey, registry }, enrolment)
      return { machine: machineId(toBase32(machine)), isNew }
    },
  }
}
