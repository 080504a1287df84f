import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { CODES, type Code, codeOfNumber, errorLine, FieldproofError, fieldproofErrorOf } from '../../src/base/index.ts'

const PAGE = readFileSync(new URL('../../../schemas/errors.md', import.meta.url), 'utf8')
const REGISTRY = Object.entries(CODES).map(([code, [number, fault, retry]]) => ({ code, number, fault, retry }))

/** One `### code` section of the page. */
interface Section {
  readonly code: string
  readonly number: number
  readonly fault: string
  readonly retry: string
  /** First number of the group that the section stands in. */
  readonly group: number
  readonly prose: string
}

function sectionsOf(page: string): Section[] {
  return page
    .split(/^## /m)
    .slice(1)
    .flatMap((group) => {
      const first = Number(/: (\d+) to \d+\n/.exec(group)?.[1])
      return group
        .split(/^### /m)
        .slice(1)
        .map((section) => sectionOf(section, first))
    })
}

function sectionOf(section: string, group: number): Section {
  const [code = '', , facts = '', , ...prose] = section.split('\n')
  const [number, fault = '', retry = ''] = facts.split(' · ')
  return { code, number: Number(number), fault, retry, group, prose: prose.join(' ').trim() }
}

describe('schemas/errors.md', () => {
  const sections = sectionsOf(PAGE)

  it('describes exactly the codes of the registry, with their number, fault and retry', () => {
    const described = sections.map(({ code, number, fault, retry }) => ({ code, number, fault, retry }))
    expect(described).toEqual(REGISTRY)
  })

  it('says in at least one sentence what each code means', () => {
    for (const { code, prose } of sections) expect(prose, code).toMatch(/^[A-Z].{40,}\.$/)
  })

  it('keeps each code in the group of its number', () => {
    for (const { code, number, group } of sections) {
      expect(Math.floor(number / 100), code).toBe(Math.floor(group / 100))
    }
  })

  it('explains every fault and retry that the registry uses', () => {
    for (const word of new Set(REGISTRY.flatMap(({ fault, retry }) => [fault, retry]))) {
      expect(PAGE).toContain(`\n| \`${word}\` | `)
    }
  })
})

describe('the registry', () => {
  it('gives every code a number of its own, in increasing order', () => {
    const numbers = REGISTRY.map(({ number }) => number)
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b))
  })

  it('names codes in lower case with hyphens, so that each is its own anchor', () => {
    for (const { code } of REGISTRY) expect(code).toMatch(/^[a-z]+(-[a-z]+)*$/)
  })

  it('keeps the refusals of protocol version 1, numbers included', () => {
    const refusals = REGISTRY.filter(({ number }) => number < 100).map(({ code, number }) => [number, code])
    expect(refusals).toEqual([
      [1, 'too-large'],
      [2, 'malformed'],
      [3, 'not-deterministic'],
      [4, 'unknown-key'],
      [5, 'revoked-key'],
      [6, 'bad-signature'],
      [7, 'root-mismatch'],
      [8, 'count-mismatch'],
      [9, 'stream-unknown'],
      [10, 'rate-limited'],
      [11, 'wrong-topic'],
      [12, 'fork'],
      [13, 'gateway-busy'],
      [14, 'sealed-mismatch'],
    ])
  })

  it('finds a code by its number, and none for a number of a later version', () => {
    for (const { code, number } of REGISTRY) expect(codeOfNumber(number)).toBe(code)
    for (const number of [0, 99, -1, 1.5, Number.NaN]) expect(codeOfNumber(number)).toBeUndefined()
  })
})

describe('FieldproofError', () => {
  it('carries number, fault, retry and page of its code', () => {
    for (const [code, [number, fault, retry]] of Object.entries(CODES)) {
      const error = new FieldproofError(code as Code, 'why')
      expect(error).toMatchObject({ name: 'FieldproofError', code, number, fault, retry })
      expect(error.docs).toBe(`schemas/errors.md#${code}`)
    }
  })

  it('says code and detail in its message, and keeps facts and cause apart', () => {
    const cause = new Error('disk')
    const error = new FieldproofError('outbox-full', 'no room', { facts: { heldBytes: 7n, sealed: false }, cause })
    expect(error.message).toBe('outbox-full: no room')
    expect(error.facts).toEqual({ heldBytes: 7n, sealed: false })
    expect(error.cause).toBe(cause)
  })

  it('has no facts and no cause of its own', () => {
    const error = new FieldproofError('malformed', 'why')
    expect(error.facts).toEqual({})
    expect('cause' in error).toBe(false)
  })
})

describe('fieldproofErrorOf', () => {
  const known = new FieldproofError('fork', 'twice')

  it('finds the coded error in a chain of causes, the outermost first', () => {
    expect(fieldproofErrorOf(known)).toBe(known)
    expect(fieldproofErrorOf(new Error('a', { cause: new TypeError('b', { cause: known }) }))).toBe(known)
    const outer = new FieldproofError('receipt-invalid', 'of another log', { cause: known })
    expect(fieldproofErrorOf(new Error('a', { cause: outer }))).toBe(outer)
  })

  it('finds none in what holds none, and ends on a chain that bites its tail', () => {
    for (const thrown of [undefined, null, 'fork', { code: 'fork' }, new Error('a', { cause: 'fork' })]) {
      expect(fieldproofErrorOf(thrown)).toBeUndefined()
    }
    const ring = new Error('a')
    ring.cause = new Error('b', { cause: ring })
    expect(fieldproofErrorOf(ring)).toBeUndefined()
  })
})

describe('errorLine', () => {
  it('is the message of an error and the text of anything else', () => {
    expect(errorLine(new FieldproofError('usage', 'want a file'))).toBe('usage: want a file')
    expect(errorLine(new RangeError('far'))).toBe('far')
    expect(errorLine('plain')).toBe('plain')
    expect(errorLine(undefined)).toBe('undefined')
  })
})
