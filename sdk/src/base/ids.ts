/**
 * Branded identities, so that a batch digest cannot be passed where a log root is meant. A brand is a promise about
 * shape; the constructors here are the only places that make it.
 */
import { expectLength, fromBase32, toBase32 } from './bytes.ts'
import { FieldproofError } from './errors.ts'

declare const brand: unique symbol
type Branded<T, B extends string> = T & { readonly [brand]: B }

/** 26 characters of lower-case base32: the first 16 bytes of the thumbprint of the machine's first key. */
export type MachineId = Branded<string, 'MachineId'>
/** A SHA-256 or keccak-256 value: 32 bytes. */
export type Hash32 = Branded<Uint8Array, 'Hash32'>
/** SHA-256 of a statement's Sig_structure: the only identity of a statement (schemas/spec/03-history.md). */
export type StatementId = Branded<Uint8Array, 'StatementId'>
/** Eight random bytes that a machine draws at each process start. */
export type BootId = Branded<Uint8Array, 'BootId'>

/** @throws FieldproofError `wrong-length` unless 32 bytes */
export function hash32(bytes: Uint8Array, what = 'hash'): Hash32 {
  return expectLength(bytes, 32, what) as Hash32
}

/** @throws FieldproofError `wrong-length` unless 32 bytes */
export function statementId(bytes: Uint8Array): StatementId {
  return expectLength(bytes, 32, 'statement id') as StatementId
}

/** @throws FieldproofError `wrong-length` unless 8 bytes */
export function bootId(bytes: Uint8Array): BootId {
  return expectLength(bytes, 8, 'boot id') as BootId
}

/** Machine id of a key whose 32-byte RFC 9679 thumbprint is given. */
export function machineIdOf(thumbprint: Uint8Array): MachineId {
  return toBase32(expectLength(thumbprint, 32, 'thumbprint').subarray(0, 16)) as MachineId
}

/** @throws FieldproofError `topic-invalid` unless `text` is 26 characters of canonical base32 */
export function machineId(text: string): MachineId {
  if (text.length !== 26) {
    throw new FieldproofError('topic-invalid', 'a machine id has 26 characters', { facts: { length: text.length } })
  }
  try {
    fromBase32(text)
  } catch (cause) {
    throw new FieldproofError('topic-invalid', 'a machine id is lower-case base32', { cause })
  }
  return text as MachineId
}

/** The 16 bytes that a machine id spells. */
export function machineIdBytes(id: MachineId): Uint8Array {
  return fromBase32(id)
}
