/** The signed statement: COSE_Sign1 over a batch root (spec 03-history). */
import { concat, isBytes, isMachineId, isUint, must, sameBytes, sha256 } from './bytes.mjs'
import { cbor, uncbor, uncose } from './cbor.mjs'
import { ED25519, ESP256, kid, verifies } from './keys.mjs'

export const TYP = 'application/fp+cose'

/** Protected header of a statement's fields; `keyId` is the kid of the signing key. */
export const protectedHeader = (s) =>
  cbor(
    new Map([
      [1, s.alg],
      [4, s.keyId],
      [
        15,
        new Map([
          [1, 'fp'],
          [2, s.machine],
          [6, s.issuedAt],
        ]),
      ],
      [16, s.typ ?? TYP],
      [395, 1],
      [-65537, [s.boot, s.sequence, s.leafCount, s.prev, s.definitionHash, s.clockQuality, s.beacon, s.sealed]],
      ...(s.extra ?? []),
    ]),
  )

export const sigStructure = (header, payload) => cbor(['Signature1', header, new Uint8Array(0), payload])
export const cose = (header, unprotected, payload, signature) =>
  concat(Uint8Array.of(0xd2), cbor([header, unprotected, payload, signature]))

/** Signs fields and root: {bytes, header, tbs, id, signature}. */
export function signStatement(fields, root, signer) {
  const header = protectedHeader({ alg: signer.alg, keyId: kid(signer.key), ...fields })
  const tbs = sigStructure(header, root)
  const signature = signer.sign(tbs)
  return { bytes: cose(header, new Map(), root, signature), header, tbs, id: sha256(tbs), signature }
}

const invalid = (condition, message) => must(condition, 'statement-invalid', message)

/** Reads a statement without checking its signature. @throws Refused statement-invalid, or a code of uncbor */
export function readStatement(bytes) {
  const item = uncose(bytes, 'statement', 'statement-invalid')
  invalid(Array.isArray(item) && item.length === 4, 'not a COSE_Sign1')
  const [header, unprotected, root, signature] = item
  invalid(isBytes(header) && isBytes(root, 32) && isBytes(signature, 64), 'COSE_Sign1 shape')
  invalid(unprotected instanceof Map && unprotected.size === 0, 'unprotected header is not empty')
  const map = uncbor(header, 'protected header')
  invalid(map instanceof Map && map.size === 6, 'keys of the protected header')
  const [alg, keyId, claims, typ, vds, fp] = [1, 4, 15, 16, 395, -65537].map((label) => map.get(label))
  invalid(alg === ESP256 || alg === ED25519, 'alg')
  invalid(isBytes(keyId, 16), 'kid')
  invalid(typ === TYP && vds === 1, 'typ or vds')
  invalid(claims instanceof Map && claims.size === 3 && claims.get(1) === 'fp', 'claims')
  invalid(isMachineId(claims.get(2)) && isUint(claims.get(6)), 'machine id or issued-at')
  const tbs = sigStructure(header, root)
  return {
    alg,
    keyId,
    machine: claims.get(2),
    issuedAt: claims.get(6),
    ...readFields(fp),
    root,
    signature,
    tbs,
    id: sha256(tbs),
  }
}

function readFields(fp) {
  invalid(Array.isArray(fp) && fp.length === 8, 'private header')
  const [boot, sequence, leafCount, prev, definitionHash, clockQuality, beacon, sealed] = fp
  invalid(isBytes(boot, 8) && isUint(sequence) && sequence >= 1, 'boot or sequence')
  invalid(isUint(leafCount, 4097) && leafCount >= 2, 'leaf count')
  invalid(sequence === 1 ? prev === null : isBytes(prev, 32), 'prev')
  invalid(isBytes(definitionHash, 32) && isUint(clockQuality, 2), 'definition hash or clock quality')
  if (beacon !== null) {
    invalid(Array.isArray(beacon) && beacon.length === 3, 'beacon')
    invalid(isUint(beacon[0]) && isUint(beacon[1]) && isBytes(beacon[2], 32), 'beacon')
  }
  invalid(sealed === null || isBytes(sealed, 32), 'sealed digest')
  return { boot, sequence, leafCount, prev, definitionHash, clockQuality, beacon, sealed }
}

/** Checks a read statement with the COSE_Key that its kid must name. @throws Refused unknown-key, bad-signature */
export function checkSignature(statement, key) {
  must(sameBytes(kid(key), statement.keyId), 'unknown-key', 'kid of another key')
  const sameAlg = key[2] === (statement.alg === ESP256 ? 2 : 1)
  must(sameAlg && verifies(key, statement.tbs, statement.signature), 'bad-signature', 'signature')
}
