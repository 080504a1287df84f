import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, expectTypeOf, it } from 'vitest'
import {
  type BootId,
  bootId,
  FieldproofError,
  type Hash32,
  hash32,
  type MachineId,
  machineId,
  machineIdBytes,
  machineIdOf,
  type StatementId,
  statementId,
} from '../../src/base/index.ts'

const THUMBPRINT = new Uint8Array(createHash('sha256').update('a key').digest())

function errorOf(run: () => unknown): unknown {
  try {
    return run()
  } catch (error) {
    return error
  }
}

describe('a machine id', () => {
  it('is the first 16 bytes of the thumbprint in 26 characters of base32', () => {
    expect(machineIdOf(new Uint8Array(32))).toBe('aaaaaaaaaaaaaaaaaaaaaaaaaa')
    expect(machineIdOf(new Uint8Array(32).fill(255))).toBe('777777777777777777777777774'.slice(1))
    expect(machineIdBytes(machineIdOf(THUMBPRINT))).toEqual(THUMBPRINT.slice(0, 16))
  })

  it('does not depend on the second half of the thumbprint', () => {
    const other = THUMBPRINT.slice().fill(0, 16)
    expect(machineIdOf(other)).toBe(machineIdOf(THUMBPRINT))
  })

  it('comes back from its text', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (thumbprint) => {
        const id = machineIdOf(thumbprint)
        expect(machineId(id)).toBe(id)
        expect(machineIdBytes(machineId(id))).toEqual(thumbprint.slice(0, 16))
      }),
      { seed: 21 },
    )
  })

  it('is made from a whole thumbprint only', () => {
    for (const length of [0, 16, 31, 33]) {
      expect(errorOf(() => machineIdOf(new Uint8Array(length)))).toMatchObject({ code: 'wrong-length' })
    }
  })

  it.each([
    ['25 characters', 'a'.repeat(25)],
    ['27 characters', 'a'.repeat(27)],
    ['nothing', ''],
    ['upper case', 'A'.repeat(26)],
    ['a digit outside the alphabet', `${'a'.repeat(25)}1`],
    ['bits after the last byte', `${'a'.repeat(25)}b`],
    ['a level separator of MQTT', `${'a'.repeat(12)}/${'a'.repeat(13)}`],
    ['a wildcard of MQTT', `${'a'.repeat(25)}#`],
  ])('refuses %s', (_name, text) => {
    expect(errorOf(() => machineId(text))).toMatchObject({ code: 'topic-invalid' })
  })

  it('keeps why its spelling was refused', () => {
    const error = errorOf(() => machineId(`${'a'.repeat(25)}b`))
    expect(error).toBeInstanceOf(FieldproofError)
    expect((error as FieldproofError).cause).toMatchObject({ code: 'hex-invalid' })
  })
})

describe.each([
  ['hash32', hash32, 32],
  ['statementId', statementId, 32],
  ['bootId', bootId, 8],
] as const)('%s', (_name, make, length) => {
  it('takes its exact length and keeps the bytes', () => {
    const bytes = new Uint8Array(length).fill(3)
    expect(make(bytes)).toBe(bytes)
  })

  it('refuses one byte more or less', () => {
    for (const got of [0, length - 1, length + 1]) {
      expect(errorOf(() => make(new Uint8Array(got)))).toMatchObject({
        code: 'wrong-length',
        facts: { got, want: length },
      })
    }
  })
})

describe('identities', () => {
  it('are types of their own, so that none is taken for another', () => {
    expectTypeOf<Hash32>().not.toEqualTypeOf<StatementId>()
    expectTypeOf<StatementId>().not.toExtend<Hash32>()
    expectTypeOf<Uint8Array>().not.toExtend<BootId>()
    expectTypeOf<string>().not.toExtend<MachineId>()
    expect(hash32(new Uint8Array(32))).toBeInstanceOf(Uint8Array)
  })
})
