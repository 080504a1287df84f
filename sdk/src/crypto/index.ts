export { decodeCoseKey, encodeCoseKey, KID_BYTES, type PublicKey, thumbprint } from './cose-key.ts'
export { decodeSign1, encodeSign1, SIGN1_TAG, SIGNATURE_BYTES, type Sign1, sigStructure } from './cose-sign1.ts'
export { pureEd25519 } from './ed25519.ts'
export { hasLowS, normalizeS, pureP256 } from './p256.ts'
export type { Alg, Hash, Signer, Suite, Suites } from './ports.ts'
export { pureHash } from './pure-hash.ts'
export { reusedSalts, SEED_BYTES, saltsOf, sealedSeed } from './salts.ts'
export { openBody, openKey, SEALED_KEY_BYTES, sealBody, sealKey } from './sealed.ts'
export {
  type ClockQuality,
  decodeStatement,
  encodeStatement,
  encodeStatementHeader,
  FIELDPROOF_LABEL,
  type SignedStatement,
  type Statement,
  statementToBeSigned,
  verifyStatement,
} from './statement.ts'
export { pureSuites } from './suites.ts'
