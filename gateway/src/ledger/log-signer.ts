/** What signs for a log. Its key says nothing that a verifier needs: it lets a machine know which gateway answered. */

/** The log's Ed25519 key. */
export interface LogSigner {
  /** 32 bytes. */
  readonly publicKey: Uint8Array
  /** A 64-byte signature over `message`; the same message always gets the same one (RFC 8032). */
  sign(message: Uint8Array): Uint8Array
}
