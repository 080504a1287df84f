/** key.json: COSE_Key bytes, thumbprints, machine ids. */
import { machineIdOf, toHex } from '../../../src/base/index.ts'
import { decodeCoseKey, encodeCoseKey, KID_BYTES, thumbprint } from '../../../src/crypto/index.ts'
import { bytesOf, type OtherCode, type Runner } from '../runner.ts'

/** The key is compared with its template, not parsed: what is not CBOR or not deterministic is not the template either. */
const TEMPLATE: OtherCode = {
  code: 'key-invalid',
  why: 'CONV-11: the bytes break CONV-20 too, so CONV-25 may be given',
}

/** Runs key.json. */
export const keyRunner: Runner = {
  readers: {
    '': {
      given: ['secret'],
      read: ({ coseKey }, { hash, suites }) => {
        const key = decodeCoseKey(bytesOf(coseKey), suites)
        const print = thumbprint(key, hash)
        const point =
          key.alg === -9
            ? { x: toHex(key.publicKey.subarray(0, 32)), y: toHex(key.publicKey.subarray(32)) }
            : { publicKey: toHex(key.publicKey) }
        return {
          ...point,
          alg: key.alg,
          coseKey: toHex(encodeCoseKey(key)),
          thumbprint: toHex(print),
          kid: toHex(print.subarray(0, KID_BYTES)),
          machineId: machineIdOf(print),
        }
      },
    },
  },
  otherCodes: {
    'parameters out of order': TEMPLATE,
    'long length head': TEMPLATE,
    'a byte after the key': TEMPLATE,
    'cut short': TEMPLATE,
  },
}
