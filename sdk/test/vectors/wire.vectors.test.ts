import { describe, expect, it } from 'vitest'
import { toHex } from '../../src/base/index.ts'
import { pureHash, saltsOf } from '../../src/crypto/index.ts'
import { batchLeaves, batchRoot, definitionHash } from '../../src/merkle/index.ts'
import {
  assertDeterministic,
  columnsOf,
  decodeBatch,
  decodeCbor,
  decodeDefinition,
  decodeRowInput,
  encodeCbor,
  encodeDefinition,
  encodeRowInput,
  type Row,
  rowsOf,
  type StreamDefinition,
  type Value,
} from '../../src/wire/index.ts'
import { bytesOf, codeOf, loadCases } from './load.ts'

const LIMITS = { maxBytes: 65_535, maxDepth: 15, maxItems: 65_535 }

describe('cbor vectors', () => {
  for (const c of loadCases('cbor').filter((v) => (v['tags'] as number[]).length === 0)) {
    it(`${c.valid ? 'accepts' : 'rejects'} ${c.name}`, async () => {
      const bytes = bytesOf(c['bytes'])
      if (!c.valid) return expect(await codeOf(() => assertDeterministic(bytes, LIMITS))).toBe(c.error)
      expect(toHex(encodeCbor(decodeCbor(bytes, LIMITS)))).toBe(c['bytes'])
    })
  }
})

describe('definition vectors', () => {
  for (const c of loadCases('definition')) {
    it(`${c.valid ? 'accepts' : 'rejects'} ${c.name}`, async () => {
      const bytes = bytesOf(c['bytes'])
      if (!c.valid) return expect(await codeOf(() => decodeDefinition(bytes))).toBe(c.error)
      const definition = decodeDefinition(bytes)
      expect(toHex(encodeDefinition(definition))).toBe(c['bytes'])
      expect(toHex(definitionHash(pureHash, bytes))).toBe(c['definitionHash'])
      expect(definition.name).toBe(c['stream'])
    })
  }
})

describe('row vectors', () => {
  for (const c of loadCases('row')) {
    it(`${c.valid ? 'accepts' : 'rejects'} ${c.name}`, async () => {
      const definition = definitionOf(c['types'] as StreamDefinition['columns'][number]['type'][])
      if (!c.valid) return expect(await codeOf(() => decodeRowInput(bytesOf(c['input']), definition))).toBe(c.error)
      const salt = saltsOf(bytesOf(c['seed']), pureHash)(Number(c['index']))
      expect(toHex(salt)).toBe(c['salt'])
      const { row } = decodeRowInput(bytesOf(c['input']), definition)
      expect(toHex(encodeRowInput(salt, row, definition))).toBe(c['input'])
      expect(row.time).toBe((c['row'] as number[])[0])
      expect(toHex(pureHash.sha256(bytesOf(`00${c['input']}`)))).toBe(c['leafHash'])
    })
  }
})

describe('batch vectors', () => {
  for (const c of loadCases('batch').filter((v) => v.valid && v['rows'] !== undefined)) {
    it(`builds ${c.name}`, () => {
      const definition = decodeDefinition(bytesOf(c['definition']))
      const batch = decodeBatch(bytesOf(c['message']))
      if (batch.kind !== 'open') return expect.fail('want an open batch')
      const rows = rowsOf(batch.columns, definition)
      expect(rows).toEqual((c['rows'] as unknown[][]).map((row) => rowFrom(row, definition)))
      const hash = definitionHash(pureHash, bytesOf(c['definition']))
      expect(toHex(batchLeaves(pureHash, hash, batch.seed, rows))).toBe((c['leafHashes'] as string[]).join(''))
      expect(toHex(batchRoot(pureHash, hash, batch.seed, rows))).toBe(c['root'])
      expect(toHex(encodeCbor(columnsOf(rows, definition)))).toBe(toHex(encodeCbor(batch.columns)))
    })
  }
})

function definitionOf(types: readonly StreamDefinition['columns'][number]['type'][]): StreamDefinition {
  return { name: 'x', columns: types.map((type, i) => ({ name: `c${i}`, unit: '', exponent: 0, type })), context: {} }
}

function rowFrom([time, ...values]: unknown[], definition: StreamDefinition): Row {
  return {
    time: Number(time),
    values: values.map((value, i): Value => {
      const bytes = definition.columns[i]?.type === 'bytes' && value !== null
      return bytes ? bytesOf((value as { hex: string }).hex) : (value as Value)
    }),
  }
}
