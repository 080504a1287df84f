/**
 * Private keys under a passphrase: PKCS#8 with PBES2 (RFC 8018), scrypt (RFC 7914) and AES-256-CBC, so that `openssl pkey` reads them
 * without us. Node writes such files with 2048 rounds of PBKDF2 only, which is why the ASN.1 is ours; it reads them with OpenSSL.
 */
import { createCipheriv, createPrivateKey, type KeyObject, randomBytes, type ScryptOptions, scrypt } from 'node:crypto'
import { FieldproofError } from '../base/index.ts'

/** 16 MiB and five passes; OpenSSL takes no more than 32 MiB. */
const N = 2 ** 14
const R = 8
const P = 5
const SALT_BYTES = 16
const KEY_BYTES = 32
const IV_BYTES = 16

const OID = {
  pbes2: '06092a864886f70d01050d',
  scrypt: '06092b06010401da47040b',
  aes256cbc: '060960864801650304012a',
} as const

/** Encrypted PKCS#8 PEM of a key. */
export async function encryptPrivateKey(key: KeyObject, passphrase: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES)
  const iv = randomBytes(IV_BYTES)
  const plain = key.export({ type: 'pkcs8', format: 'der' })
  const cipher = createCipheriv('aes-256-cbc', await stretch(passphrase, salt, KEY_BYTES), iv)
  const encrypted = Buffer.concat([cipher.update(plain), cipher.final()])
  plain.fill(0)
  const kdf = sequence(hex(OID.scrypt), sequence(octets(salt), integer(N), integer(R), integer(P)))
  const scheme = sequence(hex(OID.aes256cbc), octets(iv))
  const der = sequence(sequence(hex(OID.pbes2), sequence(kdf, scheme)), octets(encrypted))
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN ENCRYPTED PRIVATE KEY-----\n${lines.join('\n')}\n-----END ENCRYPTED PRIVATE KEY-----\n`
}

/** Inverse of {@link encryptPrivateKey}. @throws FieldproofError `key-invalid` for another passphrase, or a damaged text */
export function decryptPrivateKey(pem: string, passphrase: string): KeyObject {
  try {
    return createPrivateKey({ key: pem, format: 'pem', passphrase })
  } catch {
    // Without the cause: OpenSSL's errors are not ours to vouch for.
    throw new FieldproofError('key-invalid', 'the key does not open: another passphrase, or a damaged file')
  }
}

/** A key from a passphrase, at the cost of every guess. */
export function stretch(passphrase: string, salt: Uint8Array, length: number): Promise<Buffer> {
  const options: ScryptOptions = { N, r: R, p: P, maxmem: 64 * 2 ** 20 }
  return new Promise((resolve, reject) => {
    scrypt(Buffer.from(passphrase, 'utf8'), salt, length, options, (error, key) =>
      error === null ? resolve(key) : reject(error),
    )
  })
}

function hex(text: string): Buffer {
  return Buffer.from(text, 'hex')
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tagged(0x30, Buffer.concat(parts))
}

function octets(bytes: Uint8Array): Buffer {
  return tagged(0x04, Buffer.from(bytes))
}

function integer(value: number): Buffer {
  const digits = value.toString(16)
  const bytes = hex(digits.padStart(digits.length + (digits.length % 2), '0'))
  return tagged(0x02, (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.alloc(1), bytes]) : bytes)
}

/** DER with a length of one or two bytes. */
function tagged(tag: number, content: Buffer): Buffer {
  const { length } = content
  const head =
    length < 0x80 ? [tag, length] : length < 0x100 ? [tag, 0x81, length] : [tag, 0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from(head), content])
}
