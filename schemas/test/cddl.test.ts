import { readFileSync } from 'node:fs'
import { encode } from 'cborg'
import { describe, expect, it } from 'vitest'
import { matches, parseCddl } from './cddl.ts'

const schemas = new URL('../', import.meta.url)
const grammar = readFileSync(new URL('cddl/fieldproof.cddl', schemas), 'utf8')
const rules = parseCddl(grammar)

interface Case {
  name: string
  valid: boolean
  error?: string
  kind?: string
  [field: string]: unknown
}
const load = (file: string): Case[] =>
  (JSON.parse(readFileSync(new URL(`vectors/${file}.json`, schemas), 'utf8')) as { cases: Case[] }).cases

/** Vector file, rule of the grammar, field that holds the bytes, kind of case, bytes to leave out before the item. */
const TABLE: [file: string, rule: string, field: string, kind?: string | undefined, skip?: number][] = [
  ['key', 'cose-key', 'coseKey'],
  ['definition', 'definition', 'bytes'],
  ['row', 'row', 'input'],
  ['batch', 'batch-message', 'message'],
  ['sealed', 'batch-message', 'message'],
  ['sealed', 'batch-columns', 'columnBytes'],
  ['statement', 'statement', 'statement'],
  ['statement', 'sig-structure', 'sigStructure'],
  ['log', 'genesis', 'genesis', 'genesis'],
  ['receipt', 'receipt', 'receipt'],
  ['receipt', 'sig-structure', 'sigStructure'],
  ['receipt', 'receipt-message', 'message', 'anchored'],
  ['receipt', 'anchor-word', 'anchorToBeSigned', 'anchored'],
  ['messages', 'birth', 'bytes', 'birth'],
  ['messages', 'status', 'bytes', 'status'],
  ['messages', 'beacon', 'bytes', 'beacon'],
  ['messages', 'receipt-message', 'bytes', 'receipt'],
  ['messages', 'statement', 'bytes', 'head'],
  ['bundle', 'bundle-body', 'bundle', undefined, 32],
  ['state', 'bundle-body', 'bundle', 'bundle', 32],
  ['trie', 'bundle-body', 'bundle', 'bundle', 32],
  ['place', 'place-body', 'place', 'place', 32],
  ['place', 'place-body', 'place', 'proof', 32],
  ['place', 'bundle-body', 'bundle', 'proof', 32],
]

function fits(rule: string, item: Case, field: string, skip: number): boolean {
  try {
    return matches(rules, rule, Uint8Array.from(Buffer.from(String(item[field]), 'hex').subarray(skip)))
  } catch {
    return false // bytes that are no CBOR at all fit no grammar
  }
}

describe('grammar', () => {
  it.each(TABLE)('%s vectors: every good case fits %s', (file, rule, field, kind, skip = 0) => {
    const cases = load(file).filter((item) => item.valid && item.kind === kind && item[field] !== undefined)
    expect(cases.length).toBeGreaterThan(0)
    expect(cases.filter((item) => !fits(rule, item, field, skip)).map(({ name }) => name)).toEqual([])
  })

  it('refuses what is bad by form, but for the rules that no grammar can say', () => {
    const formal = /^(key|definition|row|statement|genesis|receipt|message|bundle)-invalid$|^malformed$/
    const passed = TABLE.filter(([file, rule]) => file !== 'sealed' && rule !== 'sig-structure').flatMap(
      ([file, rule, field, kind, skip = 0]) =>
        load(file)
          .filter((item) => !item.valid && item.kind === kind && formal.test(item.error ?? ''))
          .filter((item) => fits(rule, item, field, skip))
          .map(({ name }) => `${file}: ${name}`),
    )
    expect(passed).toMatchInlineSnapshot(`
      [
        "key: P-256: point not on the curve",
        "key: P-256: x not reduced",
        "key: P-256: point at zero",
        "key: Ed25519: y not reduced",
        "key: Ed25519: not on the curve",
        "key: Ed25519: the neutral element",
        "key: Ed25519: neutral element with the sign bit",
        "key: Ed25519: a point of order eight",
        "key: Ed25519: a key with a torsion component",
        "definition: two columns of one name",
        "definition: method of 1025 bytes",
        "definition: method of 1024 characters but 2048 bytes",
        "row: a value too few",
        "row: a value too many",
        "row: text in a number column",
        "row: bool in a number column",
        "row: number in a text column",
        "row: text in a bytes column",
        "row: number in a bool column",
        "batch: one column shorter",
        "batch: a column too few",
        "batch: a column too many",
        "batch: time that goes below zero",
        "batch: time that goes beyond 2^48",
        "batch: difference that leaves the range of values",
        "batch: time column with a zero at its end",
        "batch: time column with zeros to its end",
        "batch: time column without its first difference",
        "batch: time column longer than the rows",
        "statement: sequence 2 without prev",
        "statement: sequence 1 with prev",
        "receipt: size of the proof differs from the signed size",
        "receipt: index equal to the size",
        "receipt: origin of another log",
        "bundle: a key that no statement uses",
        "bundle: a key twice",
        "bundle: a definition that no statement uses",
        "bundle: a definition twice",
        "bundle: a statement without rows",
        "bundle: a statement twice, at two places of the log",
        "bundle: statements not sorted",
        "bundle: rows not sorted",
        "bundle: rows of statements not sorted",
        "bundle: a row twice",
        "bundle: key index beyond the keys",
        "bundle: definition index beyond the definitions",
        "bundle: statement index beyond the statements",
        "bundle: row index equal to the leaf count",
        "bundle: log index equal to the size",
        "bundle: row path one node short",
        "bundle: row path with a node more",
        "bundle: log path one node short",
        "bundle: log path with a node more",
        "bundle: key that is no key",
        "bundle: row of another stream",
        "bundle: keys not in the order of their use",
        "bundle: definitions not in the order of their use",
        "place: a key that no statement uses",
        "place: keys not in the order of their use",
        "place: statements not sorted",
        "place: a statement twice",
        "place: a statement twice, at two places of the log",
        "place: log index equal to the size",
      ]
    `)
  })

  it('refuses a grammar that names a rule it does not have', () => {
    expect(() => parseCddl('a = [ b ]')).toThrow('rule b is missing')
    expect(() => parseCddl('a = 1\na = 2')).toThrow('twice')
  })

  it('asks for a node at least, leaves the lengths of header and nodes to the reader, and lets no anchor be of both forms', () => {
    const anchor = (...items: unknown[]): boolean =>
      matches(rules, 'bundle-anchor', encode(['eip155:1', new Uint8Array(32), 2, ...items]))
    const bytes = (length: number): Uint8Array => new Uint8Array(length)
    const two = [bytes(1), bytes(1)]
    expect(anchor(bytes(8193), [bytes(1025), bytes(0)], [bytes(8193)])).toBe(true)
    expect(anchor(bytes(0), [bytes(1)], [])).toBe(true)
    expect(anchor(bytes(1), [], [])).toBe(false)
    expect(anchor(bytes(1), [7], [])).toBe(false)
    expect(anchor(7, bytes(32), bytes(32))).toBe(true)
    expect(anchor(7, two, [])).toBe(false)
    expect(anchor(bytes(32), bytes(32), bytes(32))).toBe(false)
  })
})
