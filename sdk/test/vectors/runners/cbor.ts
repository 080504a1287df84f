/** cbor.json: the gate and the decoder, and the writer that gives the same bytes again. */
import { toHex } from '../../../src/base/index.ts'
import { SIGN1_TAG } from '../../../src/crypto/index.ts'
import { decodeCbor, encodeCbor, MESSAGE_LIMITS } from '../../../src/wire/index.ts'
import { bytesOf, type Runner } from '../runner.ts'

/** A tag is allowed at the top of COSE messages only, whose readers take it off before the gate, as here. */
export const cborRunner: Runner = {
  readers: {
    '': {
      given: ['tags'],
      read: ({ bytes: field, tags }) => {
        const bytes = bytesOf(field)
        const tagged = Array.isArray(tags) && tags.includes(18) && bytes[0] === SIGN1_TAG
        const item = decodeCbor(tagged ? bytes.subarray(1) : bytes, MESSAGE_LIMITS)
        return { bytes: (tagged ? 'd2' : '') + toHex(encodeCbor(item)) }
      },
    },
  },
}
