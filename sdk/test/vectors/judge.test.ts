/** The judge of vectors finds what it is for; a judge that passes everything would make all vectors pass. */
import { describe, expect, it } from 'vitest'
import { FieldproofError } from '../../src/base/index.ts'
import { pureHash, pureSuites } from '../../src/crypto/index.ts'
import { judgeCase, judgeFile, staleExceptions } from './judge.ts'
import type { Case, Context, Outputs, Runner } from './runner.ts'

const contextOf = (...cases: Case[]): Context => ({ file: { cases }, hash: pureHash, suites: pureSuites })

/** Problems of one case with a reader that returns or throws this. */
async function problemsOf(item: Omit<Case, 'name'>, outcome: Outputs | Error, rest: Partial<Runner> = {}) {
  const read = (): Outputs => {
    if (outcome instanceof Error) throw outcome
    return outcome
  }
  const whole = { name: 'case', ...item } as Case
  const runner: Runner = { readers: { '': { given: ['seed'], read } }, ...rest }
  return (await judgeCase(runner, whole, contextOf(whole))).problems
}

const refused = (check?: string): FieldproofError =>
  new FieldproofError('malformed', 'x', check === undefined ? {} : { facts: { check } })

describe('the judge of a good case', () => {
  it('passes what computes every field, whatever the order of keys', async () => {
    expect(await problemsOf({ valid: true, seed: '01', a: { x: 1, y: 2 } }, { a: { y: 2, x: 1 }, more: 3 })).toEqual([])
  })

  it.each<[string, Omit<Case, 'name'>, Outputs | Error]>([
    ['another value', { valid: true, a: '01' }, { a: '02' }],
    ['a field of another type', { valid: true, a: 1 }, { a: '1' }],
    ['a field that nothing computes', { valid: true, a: '01' }, {}],
    ['a field computed as undefined', { valid: true, a: null }, { a: undefined }],
    ['another value of a given field', { valid: true, seed: '01' }, { seed: '02' }],
    ['a refusal', { valid: true }, refused()],
    ['an error without a code', { valid: true }, new TypeError('x')],
  ])('finds %s', async (_name, item, outcome) => {
    expect(await problemsOf(item, outcome)).toHaveLength(1)
  })
})

describe('the judge of a bad case', () => {
  it('passes the code, and the check, of the vector', async () => {
    expect(await problemsOf({ valid: false, error: 'malformed' }, refused())).toEqual([])
    expect(await problemsOf({ valid: false, check: 'rows' }, refused('rows'))).toEqual([])
  })

  it('passes another code only where the runner says so', async () => {
    const otherCodes = { case: { code: 'malformed', why: 'x' } } as const
    expect(await problemsOf({ valid: false, error: 'row-invalid' }, refused(), { otherCodes })).toEqual([])
    expect(await problemsOf({ valid: false, error: 'malformed' }, refused(), { otherCodes })).toHaveLength(1)
  })

  it.each<[string, Omit<Case, 'name'>, Outputs | Error]>([
    ['that it was accepted', { valid: false, error: 'malformed' }, {}],
    ['another code', { valid: false, error: 'row-invalid' }, refused()],
    ['another check', { valid: false, check: 'rows', error: 'malformed' }, refused('log')],
    ['an error without a code', { valid: false, error: 'malformed' }, new TypeError('x')],
    ['a case that gives no reason', { valid: false }, refused()],
  ])('finds %s', async (_name, item, outcome) => {
    expect(await problemsOf(item, outcome)).toHaveLength(1)
  })
})

describe('the judge of a file', () => {
  it('gives one judgement a case, in order, and finds a kind without a reader', async () => {
    const cases: Case[] = [
      { name: 'one', valid: true },
      { name: 'two', valid: true, kind: 'constructor' },
    ]
    const runner: Runner = { readers: { '': { given: [], read: () => ({}) } } }
    expect(await judgeFile(runner, contextOf(...cases))).toEqual([
      { name: 'one', problems: [] },
      { name: 'two', problems: ['no reader for kind "constructor"'] },
    ])
  })

  it('finds an exception for a case that is gone, or good now', () => {
    const otherCodes = { gone: { code: 'malformed', why: 'x' }, good: { code: 'malformed', why: 'x' } } as const
    expect(staleExceptions({ readers: {}, otherCodes }, [{ name: 'good', valid: true }])).toEqual(['gone', 'good'])
  })
})
