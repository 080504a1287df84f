/**
 * What a machine signs to be enrolled: the EIP-712 digest of Enrol in MachineRegistry's domain. The machine builds it
 * itself, from what it means to agree to, and never signs a digest that somebody hands it.
 */
import { concat, type Hash32, utf8 } from '../base/index.ts'
import { keccak256, wordOf } from './abi.ts'

/** The terms of an enrolment. */
export interface Enrolment {
  readonly chainId: number
  /** MachineRegistry, 20 bytes. */
  readonly registry: Uint8Array
  /** Who will own the machine, 20 bytes. */
  readonly owner: Uint8Array
  /** Log to which the machine will tell its history. */
  readonly homeLog: Hash32
  /** Thumbprint of the key that is enrolled. */
  readonly thumbprint: Hash32
  /** 0 for a key that is new to the registry. */
  readonly nonce: number
  /** Seconds since 1970 after which the registry refuses it. */
  readonly deadline: number
}

const DOMAIN_TYPE = keccak256(
  utf8('EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)'),
)
const ENROL_TYPE = keccak256(
  utf8('Enrol(address owner,bytes32 homeLog,bytes32 thumbprint,uint256 nonce,uint256 deadline)'),
)
const NAME = keccak256(utf8('Fieldproof MachineRegistry'))
const VERSION = keccak256(utf8('1'))
const EIP191 = Uint8Array.of(0x19, 0x01)

/** The 32-byte digest; a P-256 machine signs it as a message, so over its SHA-256. */
export function enrolmentDigest(e: Enrolment): Hash32 {
  const domain = keccak256(concat(DOMAIN_TYPE, NAME, VERSION, uint(e.chainId), wordOf(e.registry)))
  const terms = concat(wordOf(e.owner), e.homeLog, e.thumbprint, uint(e.nonce), uint(e.deadline))
  return keccak256(concat(EIP191, domain, keccak256(concat(ENROL_TYPE, terms))))
}

function uint(value: number): Uint8Array {
  const word = new Uint8Array(32)
  new DataView(word.buffer).setBigUint64(24, BigInt(value))
  return word
}
