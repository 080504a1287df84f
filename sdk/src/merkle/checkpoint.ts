/**
 * C2SP checkpoints (c2sp.org/tlog-checkpoint): a signed note whose text is origin, decimal size and base64 root. A
 * checkpoint is the gateway's word only; what makes a root final is its anchor on a chain.
 */
import { FieldproofError, type Hash32, hash32, toBase64, utf8 } from '../base/index.ts'
import type { Hash, Suite } from '../crypto/ports.ts'
import { decodeBase64, expectNoteText, isSameKey, type NoteSignature, parseNote, parseVerifierKey } from './note.ts'

/** The head of a log: who, how many leaves, which root. */
export interface TreeHead {
  /** Name of the log: one line, not empty. */
  readonly origin: string
  /** Leaves, 0 to 2^53 - 1. */
  readonly size: number
  readonly root: Hash32
}

/** A checkpoint taken apart, nothing verified. */
export interface Checkpoint extends TreeHead {
  readonly signatures: readonly NoteSignature[]
  /** The text that is signed. */
  readonly body: string
}

/**
 * The text to be signed; its UTF-8 bytes are the message.
 * @throws FieldproofError `checkpoint-invalid` when it would not parse, `wrong-length` unless the root has 32 bytes
 */
export function encodeCheckpointBody(head: { origin: string; size: number; root: Uint8Array }): string {
  const body = expectNoteText(`${head.origin}\n${head.size}\n${toBase64(hash32(head.root, 'root'))}\n`)
  // An origin with a newline would move the lines after it.
  if (parseBody(body).origin !== head.origin) throw invalid('an origin is one line of text', { origin: head.origin })
  return body
}

/**
 * Takes a checkpoint apart without verifying it; the text may come from an attacker.
 * @throws FieldproofError `checkpoint-invalid`
 */
export function parseCheckpoint(text: string): Checkpoint {
  const { body, signatures } = parseNote(text)
  return { ...parseBody(body), signatures, body }
}

/**
 * The checkpoint, if the key of `vkey` signed it and it is of the log that the key is named for. Signatures by other keys
 * are ignored; every one by this key must be good.
 * @param vkey the key in the form of {@link encodeVerifierKey}
 * @param suite Ed25519
 * @param origin the log that is wanted, for logs that are not named like their key
 * @throws FieldproofError `checkpoint-invalid`, or `key-invalid` when `vkey` is
 */
export async function verifyCheckpoint(
  text: string,
  vkey: string,
  suite: Suite,
  hash: Hash,
  origin?: string,
): Promise<Checkpoint> {
  const key = parseVerifierKey(vkey, hash)
  if (suite.alg !== -19 || !suite.isValidPublicKey(key.publicKey)) {
    throw new FieldproofError('key-invalid', 'a checkpoint is verified with a valid Ed25519 key and its suite', {
      facts: { alg: suite.alg },
    })
  }
  const checkpoint = parseCheckpoint(text)
  const want = origin ?? key.name
  if (checkpoint.origin !== want) {
    throw invalid('the checkpoint is of another log', { origin: checkpoint.origin, want })
  }
  const message = utf8(checkpoint.body)
  const own = checkpoint.signatures.filter((signature) => isSameKey(signature, key))
  if (own.length === 0) throw invalid('the key did not sign the checkpoint', { name: key.name })
  for (const { signature } of own) {
    if (signature.length !== 64 || !(await suite.verify(key.publicKey, message, signature))) {
      throw invalid('the signature is bad', { name: key.name })
    }
  }
  return checkpoint
}

function parseBody(body: string): TreeHead {
  const [origin = '', decimal = '', root64 = '', ...extensions] = body.slice(0, -1).split('\n')
  // C2SP lets a log add lines of its own; nobody audits those, so ours adds none (LOG-20).
  if (origin === '' || root64 === '' || extensions.length > 0) {
    throw invalid('a checkpoint has three lines, none of them empty')
  }
  const size = Number(decimal)
  // Number() also takes '1e3', ' 1' and '0x1'; only one spelling survives the way back.
  // A log begins with its genesis, so there is none of size 0 (schemas/spec/04-log.md).
  if (!Number.isSafeInteger(size) || size < 1 || String(size) !== decimal) {
    throw invalid('the size is no decimal number from 1 to 2^53 - 1')
  }
  const root = decodeBase64(root64)
  if (root.length !== 32) throw invalid('the root has not 32 bytes', { got: root.length, want: 32 })
  return { origin, size, root: hash32(root) }
}

function invalid(detail: string, facts: Readonly<Record<string, string | number>> = {}): FieldproofError {
  return new FieldproofError('checkpoint-invalid', detail, { facts })
}
