import { FieldproofError } from '@fieldproof/sdk/base'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  decodeOneWireReply,
  decodeOneWireRequest,
  encodeOneWireReply,
  encodeOneWireRequest,
  encodePacked,
  type OneWireReply,
  type OneWireRequest,
  type OneWireSteps,
} from '../../src/protocol/index.ts'
import { RUNS } from './example.ts'

const ROM = Uint8Array.of(0x28, 1, 2, 3, 4, 5, 6, 0x9c)
const NOTHING: OneWireSteps = {
  reset: false,
  select: null,
  write: Uint8Array.of(),
  read: 0,
  correlationId: 0,
  delayMs: 0,
}
const scratchpad: OneWireRequest = {
  ...NOTHING,
  kind: 'steps',
  pin: 8,
  reset: true,
  select: ROM,
  write: Uint8Array.of(0xbe),
  read: 9,
  correlationId: 0x1234,
}

/** What a board makes of a OneWire sysex with these steps on pin 8. */
const read = (steps: number, ...data: number[]): unknown =>
  decodeOneWireRequest(Uint8Array.from([0xf0, 0x73, steps, 8, ...encodePacked(Uint8Array.from(data)), 0xf7]))
const raw = (...data: number[]): unknown => decodeOneWireRequest(Uint8Array.from([0xf0, 0x73, ...data, 0xf7]))
const refused = (refusal: string): unknown => ({ kind: 'refused', refusal })
const zeros = (count: number): number[] => Array<number>(count).fill(0)

describe('a 1-Wire request', () => {
  it('is read as it was written', () => {
    const steps: fc.Arbitrary<OneWireRequest> = fc
      .record({
        kind: fc.constant('steps' as const),
        pin: fc.nat(127),
        reset: fc.constant(true),
        select: fc.constantFrom('all' as const, ROM, null),
        write: fc.uint8Array({ minLength: 1, maxLength: 16 }),
        read: fc.nat(32),
        correlationId: fc.nat(65_535),
        delayMs: fc.nat(2000),
      })
      .map((each) => (each.read === 0 ? { ...each, correlationId: 0 } : each))
    fc.assert(
      fc.property(steps, (request) => {
        expect(decodeOneWireRequest(encodeOneWireRequest(request))).toEqual(request)
      }),
      RUNS,
    )
  })

  it('configures a pin and searches it with the bytes that Firmata has for it', () => {
    expect([...encodeOneWireRequest({ kind: 'config', pin: 8 })]).toEqual([0xf0, 0x73, 0x41, 8, 0, 0xf7])
    expect([...encodeOneWireRequest({ kind: 'search', pin: 8 })]).toEqual([0xf0, 0x73, 0x40, 8, 0xf7])
    expect(raw(0x41, 8, 1)).toEqual({ kind: 'config', pin: 8 })
    expect(raw(0x40, 8)).toEqual({ kind: 'search', pin: 8 })
  })

  it('holds address, length, correlation id and bytes in this order (BOARD-41)', () => {
    expect(read(0x2d, ...ROM, 9, 0, 0x34, 0x12, 0xbe)).toEqual(scratchpad)
    expect([...encodeOneWireRequest(scratchpad)].slice(0, 4)).toEqual([0xf0, 0x73, 0x2d, 8])
  })

  it('that sets every step and fills with zeros what it does not want selects nobody', () => {
    expect(read(0x3d, ...zeros(16))).toEqual({ ...NOTHING, kind: 'steps', pin: 8, reset: true })
  })

  it('is refused with the code of its fault (BOARD-42)', () => {
    expect(raw()).toEqual(refused('bad-length'))
    expect(raw(0x40)).toEqual(refused('bad-length'))
    expect(raw(0x40, 8, 0)).toEqual(refused('bad-length'))
    expect(raw(0x41, 8)).toEqual(refused('bad-length'))
    expect(raw(0x41, 8, 2)).toEqual(refused('out-of-range'))
    expect(raw(0x44, 8)).toEqual(refused('unknown'))
    expect(read(0)).toEqual(refused('unknown'))
    expect(read(0x0c, ...ROM, 9, 0, 0)).toEqual(refused('bad-length'))
    expect(read(0x08, 9, 0, 0, 0, ...zeros(17))).toEqual(refused('bad-length'))
    expect(read(0x20, ...zeros(17))).toEqual(refused('bad-length'))
    expect(read(0x08, 33, 0, 0, 0)).toEqual(refused('out-of-range'))
    expect(read(0x06, ...ROM)).toEqual(refused('out-of-range'))
    expect(read(0x10, 0xd1, 7, 0, 0)).toEqual(refused('out-of-range'))
    expect(read(0x10, 0, 0, 0, 1)).toEqual(refused('out-of-range'))
  })

  it('ignores bytes to write without the step that writes', () => {
    expect(read(0x08, 9, 0, 0, 0, 1, 2)).toEqual(read(0x08, 9, 0, 0, 0))
  })

  it.each<[string, OneWireRequest]>([
    ['33 bytes to read', { ...scratchpad, read: 33 }],
    ['17 bytes to write', { ...scratchpad, write: new Uint8Array(17) }],
    ['more than 2 s of delay', { ...scratchpad, delayMs: 2001 }],
    ['an address of 7 bytes', { ...scratchpad, select: ROM.subarray(1) }],
    ['no step', { ...NOTHING, kind: 'steps', pin: 8 }],
    ['a pin of 8 bits', { kind: 'search', pin: 128 }],
  ])('is not written with %s', (_, request) => {
    expect(() => encodeOneWireRequest(request)).toThrow(expect.objectContaining({ code: 'out-of-range' }))
  })
})

describe('a 1-Wire reply', () => {
  it.each<[string, OneWireReply]>([
    ['one address', { kind: 'found', pin: 8, addresses: [ROM] }],
    ['eight addresses', { kind: 'found', pin: 13, addresses: Array<Uint8Array>(8).fill(ROM) }],
    ['bytes', { kind: 'read', pin: 8, correlationId: 0xfffe, data: Uint8Array.of(0x50, 5, 0xff) }],
    ['no bytes', { kind: 'read', pin: 8, correlationId: 0, data: Uint8Array.of() }],
  ])('of %s is read as it was written', (_, reply) => {
    expect(decodeOneWireReply(encodeOneWireReply(reply))).toEqual(reply)
  })

  it('is read or refused with a code, whatever the bytes', () => {
    const framed = fc
      .tuple(fc.constantFrom(0x42, 0x43, 0x44), fc.array(fc.nat(127), { maxLength: 30 }))
      .map(([kind, data]) => Uint8Array.from([0xf0, 0x73, kind, ...data, 0xf7]))
    fc.assert(
      fc.property(fc.oneof(framed, fc.uint8Array({ maxLength: 20 })), (bytes) => {
        try {
          expect(encodeOneWireReply(decodeOneWireReply(bytes))).toEqual(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(FieldproofError)
        }
      }),
      { ...RUNS, numRuns: 2000 },
    )
  })
})
