/** definition.json: stream definitions and their hashes. */
import { toHex } from '../../../src/base/index.ts'
import { definitionHash } from '../../../src/merkle/index.ts'
import { decodeDefinition, encodeDefinition } from '../../../src/wire/index.ts'
import { bytesOf, type Runner } from '../runner.ts'
import { contextJson } from './json.ts'

/** Runs definition.json. */
export const definitionRunner: Runner = {
  readers: {
    '': {
      given: [],
      read: ({ bytes: field }, { hash }) => {
        const bytes = bytesOf(field)
        const definition = decodeDefinition(bytes)
        return {
          bytes: toHex(encodeDefinition(definition)),
          stream: definition.name,
          columns: definition.columns,
          context: contextJson(definition.context),
          definitionHash: toHex(definitionHash(hash, bytes)),
        }
      },
    },
  },
}
