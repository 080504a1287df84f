/**
 * C2SP signed notes (c2sp.org/signed-note): text, a blank line, and one line a signature. Notes are text by definition, so
 * they are strings here; whoever reads them from bytes must decode UTF-8 fatally. Only Ed25519 keys (type 0x01) are known:
 * a note may carry others' signatures, and they are kept, not judged.
 */
import { concat, equalBytes, expectLength, FieldproofError, fromBase64, toBase64, toHex, utf8 } from '../base/index.ts'
import type { Hash } from '../crypto/ports.ts'

/** Characters of the longest note that is read: sixteen of the largest post-quantum signatures fit. */
export const MAX_NOTE_CHARS = 131_072
/** Signatures of one note; C2SP demands that at least 16 are accepted. */
export const MAX_NOTE_SIGNATURES = 64
/** Length of a key id in bytes. */
export const KEY_ID_BYTES = 4

/** c2sp.org/signed-note, signature types: Ed25519 over the note text. */
const ED25519_TYPE = 1
const PUBLIC_KEY_BYTES = 32
/** U+2014 and a space open a signature line. */
const SIGNATURE_PREFIX = '\u2014 '

/** One signature line. */
export interface NoteSignature {
  /** Key name: not empty, no white space, no plus. */
  readonly name: string
  /** 4 bytes. */
  readonly keyId: Uint8Array
  /** 64 bytes when the key is Ed25519. */
  readonly signature: Uint8Array
}

/** A note taken apart, nothing verified. */
export interface Note {
  /** The text that is signed, its last newline included. */
  readonly body: string
  /** At least one. */
  readonly signatures: readonly NoteSignature[]
}

/** An Ed25519 key that signs notes. */
export interface VerifierKey {
  readonly name: string
  /** 4 bytes. */
  readonly keyId: Uint8Array
  /** 32 bytes. */
  readonly publicKey: Uint8Array
}

/**
 * Key id of an Ed25519 key: SHA-256(name ‖ 0x0a ‖ 0x01 ‖ key)[0..4]. It names a key, it does not authenticate one.
 * @throws FieldproofError `key-invalid` for a name that no note can carry, `wrong-length` unless the key has 32 bytes
 */
export function checkpointKeyId(name: string, publicKey: Uint8Array, hash: Hash): Uint8Array {
  if (!isKeyName(name)) throw new FieldproofError('key-invalid', `${quote(name)} cannot name a key`)
  return hash.sha256(concat(utf8(`${name}\n`), typedKey(publicKey))).slice(0, KEY_ID_BYTES)
}

/**
 * The text form of a key: name, key id in hex, and base64 of 0x01 ‖ key, joined by plus signs.
 * @throws FieldproofError `key-invalid`, `wrong-length`
 */
export function encodeVerifierKey(name: string, publicKey: Uint8Array, hash: Hash): string {
  return `${name}+${toHex(checkpointKeyId(name, publicKey, hash))}+${toBase64(typedKey(publicKey))}`
}

/**
 * Inverse of {@link encodeVerifierKey}. Whether the key is a good point, its suite says.
 * @throws FieldproofError `key-invalid` when it is not an Ed25519 key in exactly that form, or its id is another key's
 */
export function parseVerifierKey(text: string, hash: Hash): VerifierKey {
  const parts = text.length <= 1024 ? /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]{44})$/.exec(text) : null
  const [, name = '', id = '', key = ''] = parts ?? []
  if (!isKeyName(name)) throw new FieldproofError('key-invalid', 'a verifier key reads name+id+key')
  const typed = fromBase64(key)
  if (typed[0] !== ED25519_TYPE) {
    throw new FieldproofError('key-invalid', 'only Ed25519 verifier keys (type 1) are known', {
      facts: { type: typed[0] ?? 0 },
    })
  }
  const publicKey = typed.slice(1)
  const keyId = checkpointKeyId(name, publicKey, hash)
  if (toHex(keyId) !== id) {
    throw new FieldproofError('key-invalid', `the key's id is ${toHex(keyId)}, not ${id}`, { facts: { name, id } })
  }
  return { name, keyId, publicKey }
}

/**
 * Puts signature lines under a text.
 * @throws FieldproofError `checkpoint-invalid` when the result would not parse
 */
export function assembleNote(body: string, signatures: readonly NoteSignature[]): string {
  const lines = signatures.map(({ name, keyId, signature }) => {
    expectLength(keyId, KEY_ID_BYTES, 'key id')
    return `${SIGNATURE_PREFIX}${name} ${toBase64(concat(keyId, signature))}\n`
  })
  const text = `${body}\n${lines.join('')}`
  if (parseNote(text).body !== body) throw invalid('the text of a note ends with a newline')
  return text
}

/**
 * Takes a note apart; its bytes may come from an attacker.
 * @throws FieldproofError `checkpoint-invalid`
 */
export function parseNote(text: string): Note {
  expectNoteText(text)
  const split = text.lastIndexOf('\n\n')
  if (split < 1 || !text.endsWith('\n')) throw invalid('a note is a text, a blank line and signature lines')
  const lines = text.slice(split + 2, -1).split('\n')
  if (lines.length > MAX_NOTE_SIGNATURES) {
    throw invalid('the note has too many signatures', { got: lines.length, max: MAX_NOTE_SIGNATURES })
  }
  return { body: text.slice(0, split + 1), signatures: lines.map(parseSignature) }
}

/**
 * Returns `text` when a note may hold it: not too long, valid Unicode, and no control character but newline.
 * @throws FieldproofError `checkpoint-invalid`
 */
export function expectNoteText(text: string): string {
  if (text.length > MAX_NOTE_CHARS) throw invalid('the note is too long', { got: text.length, max: MAX_NOTE_CHARS })
  if (!text.isWellFormed()) throw invalid('the note is not valid Unicode')
  if (hasControls(text)) throw invalid('the note has a control character')
  return text
}

/** Whether two signatures or keys claim to be by the same key. */
export function isSameKey(a: Pick<VerifierKey, 'name' | 'keyId'>, b: Pick<VerifierKey, 'name' | 'keyId'>): boolean {
  return a.name === b.name && equalBytes(a.keyId, b.keyId)
}

function parseSignature(line: string): NoteSignature {
  const parts = line.startsWith(SIGNATURE_PREFIX) ? line.slice(SIGNATURE_PREFIX.length).split(' ') : []
  const [name, base64] = parts
  if (parts.length !== 2 || name === undefined || base64 === undefined || !isKeyName(name)) {
    throw invalid(`${quote(line)} is not a signature line`)
  }
  const bytes = decodeBase64(base64)
  if (bytes.length <= KEY_ID_BYTES) throw invalid('a signature follows its four-byte key id', { got: bytes.length })
  return { name, keyId: bytes.slice(0, KEY_ID_BYTES), signature: bytes.slice(KEY_ID_BYTES) }
}

/** @throws FieldproofError `checkpoint-invalid` unless canonical base64 with padding */
export function decodeBase64(text: string): Uint8Array {
  try {
    return fromBase64(text)
  } catch (cause) {
    throw new FieldproofError('checkpoint-invalid', `${quote(text)} is not canonical base64`, { cause })
  }
}

/** c2sp.org/signed-note: key names are not empty and hold neither Unicode spaces nor plus. */
function isKeyName(name: string): boolean {
  return name !== '' && name.isWellFormed() && !hasControls(name) && !/[\p{White_Space}+]/u.test(name)
}

/** Characters below U+0020 other than newline. */
function hasControls(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x20 && code !== 0x0a) return true
  }
  return false
}

function typedKey(publicKey: Uint8Array): Uint8Array {
  return concat(Uint8Array.of(ED25519_TYPE), expectLength(publicKey, PUBLIC_KEY_BYTES, 'Ed25519 public key'))
}

/** A hostile text, short enough for a log line. */
function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)
}

function invalid(detail: string, facts: Readonly<Record<string, number>> = {}): FieldproofError {
  return new FieldproofError('checkpoint-invalid', detail, { facts })
}
