/** row.json: salts, leaf inputs, leaf hashes. */
import { toHex } from '../../../src/base/index.ts'
import { saltsOf } from '../../../src/crypto/index.ts'
import { leafHash } from '../../../src/merkle/index.ts'
import { type ColumnType, decodeRowInput, encodeRowInput, type StreamDefinition } from '../../../src/wire/index.ts'
import { bytesOf, numberOf, type Runner } from '../runner.ts'
import { rowJson, rowOf } from './json.ts'

/** Runs row.json. */
export const rowRunner: Runner = {
  readers: {
    '': {
      given: ['stream', 'types', 'seed', 'index'],
      read: (item, { hash }) => {
        const input = bytesOf(item['input'])
        const definition = definitionOf(item['types'] as readonly ColumnType[])
        const read = decodeRowInput(input, definition)
        const salt = saltsOf(bytesOf(item['seed']), hash)(numberOf(item['index']))
        return {
          salt: toHex(read.salt),
          row: rowJson(read.row),
          input: toHex(encodeRowInput(salt, rowOf(item['row']), definition)),
          leafHash: toHex(leafHash(hash, input)),
        }
      },
    },
  },
}

function definitionOf(types: readonly ColumnType[]): StreamDefinition {
  return { name: 'x', columns: types.map((type, i) => ({ name: `c${i}`, unit: '', exponent: 0, type })), context: {} }
}
