/** Readers of hex, base32, base64, machine ids and chain names. */
import {
  fromBase32,
  fromBase64,
  fromHex,
  machineId,
  machineIdBytes,
  toBase32,
  toBase64,
  toHex,
} from '../../../src/base/index.ts'
import { caip2Of, chainIdOf } from '../../../src/evm/index.ts'
import { expectAgain, type Target } from '../engine.ts'

const bytes = Uint8Array.from({ length: 40 }, (_, i) => i * 37)
const parts = [0, 1, 2, 3, 4, 5, 16, 20, 32, 40].map((length) => bytes.subarray(0, length))

const spelling = (
  name: string,
  decode: (text: string) => Uint8Array,
  encode: (bytes: Uint8Array) => string,
): Target<string> => ({
  name,
  form: 'text',
  weight: 0.5,
  samples: parts.map(encode),
  run: (text) => expectAgain(text, encode(decode(text))),
})

/** Targets of this kind. */
export const TEXT_TARGETS: readonly Target<string>[] = [
  spelling('base32', fromBase32, toBase32),
  spelling('base64', fromBase64, toBase64),
  {
    name: 'hex',
    form: 'text',
    weight: 0.5,
    samples: parts.flatMap((part) => [toHex(part), `0x${toHex(part).toUpperCase()}`]),
    run: (text) => expectAgain(text.replace(/^0x/, '').toLowerCase(), toHex(fromHex(text))),
  },
  {
    name: 'machine id',
    form: 'text',
    weight: 0.5,
    samples: [toBase32(bytes.subarray(0, 16)), toBase32(new Uint8Array(16)), toBase32(new Uint8Array(16).fill(255))],
    run: (text) => expectAgain(text, toBase32(machineIdBytes(machineId(text)))),
  },
  {
    name: 'chain name',
    form: 'text',
    weight: 0.5,
    samples: ['eip155:1', 'eip155:31337', 'eip155:9007199254740991', 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp'],
    run: (text) => expectAgain(text, caip2Of(chainIdOf(text))),
  },
]
