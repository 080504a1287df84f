/** statement.json: signed statements with the key that checks them. */
import { equalBytes, FieldproofError, toHex } from '../../../src/base/index.ts'
import {
  decodeCoseKey,
  decodeStatement,
  encodeStatement,
  KID_BYTES,
  statementToBeSigned,
  thumbprint,
  verifyStatement,
} from '../../../src/crypto/index.ts'
import { bytesOf, type Runner } from '../runner.ts'

/** Runs statement.json. */
export const statementRunner: Runner = {
  readers: {
    '': {
      given: ['key', 'secret'],
      read: async (item, { hash, suites }) => {
        const signed = decodeStatement(bytesOf(item['statement']), hash)
        const s = signed.statement
        const key = decodeCoseKey(bytesOf(item['key']), suites)
        // HIST-11
        if (!equalBytes(thumbprint(key, hash).subarray(0, KID_BYTES), s.kid)) {
          throw new FieldproofError('unknown-key', 'the kid of another key')
        }
        const suite = suites(key.alg)
        if (suite === undefined || !(await verifyStatement(signed, suite, key.publicKey))) {
          throw new FieldproofError('bad-signature', 'not signed by its key')
        }
        return {
          alg: s.alg,
          kid: toHex(s.kid),
          machine: s.machine,
          issuedAt: s.issuedAt,
          boot: toHex(s.boot),
          sequence: s.sequence,
          leafCount: s.leafCount,
          prev: s.prev && toHex(s.prev),
          definitionHash: toHex(s.definitionHash),
          clockQuality: s.clockQuality,
          beacon: s.beacon && [s.beacon.chainId, s.beacon.blockNumber, toHex(s.beacon.blockHash)],
          sealed: s.sealed && toHex(s.sealed),
          root: toHex(s.root),
          signature: toHex(signed.signature),
          sigStructure: toHex(statementToBeSigned(s)),
          id: toHex(signed.id),
          statement: toHex(encodeStatement(s, signed.signature)),
        }
      },
    },
  },
}
