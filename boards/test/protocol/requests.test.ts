import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  createHostGate,
  decodeRequest,
  encodeNumber,
  encodeRequest,
  type HostMessage,
  type Request,
} from '../../src/protocol/index.ts'
import { join, RUNS } from './example.ts'

const anyRequest: fc.Arbitrary<Request> = fc.oneof(
  fc.record({ kind: fc.constantFrom('identity', 'counters', 'valve', 'close-valve', 'check') }),
  fc.record({
    kind: fc.constant('set-debounce' as const),
    counter: fc.integer({ min: 0, max: 2 }),
    debounceUs: fc.integer({ min: 0, max: 2_000_000 }),
  }),
  fc.record({
    kind: fc.constant('set-interval' as const),
    intervalMs: fc.oneof(fc.constant(0), fc.integer({ min: 100, max: 2_097_151 })),
  }),
  fc.record({ kind: fc.constant('open-valve' as const), forMs: fc.integer({ min: 1, max: 3_600_000 }) }),
)

/** What a board makes of a sysex of feature 01 with this command and payload. */
const read = (...data: number[]): ReturnType<typeof decodeRequest> =>
  decodeRequest(Uint8Array.from([0xf0, 1, ...data, 0xf7]))
const refused = (refusal: string, detail: number): unknown => ({ kind: 'refused', refusal, sysex: 1, detail })

describe('a request', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(anyRequest, (request) => {
        expect(decodeRequest(encodeRequest(request))).toEqual(request)
      }),
      RUNS,
    )
  })

  it.each<Request>([
    { kind: 'open-valve', forMs: 0 },
    { kind: 'open-valve', forMs: 3_600_001 },
    { kind: 'open-valve', forMs: Number.NaN },
    { kind: 'open-valve', forMs: 1.5 },
    { kind: 'set-interval', intervalMs: 99 },
    { kind: 'set-interval', intervalMs: 2_097_152 },
    { kind: 'set-debounce', counter: 3, debounceUs: 1 },
    { kind: 'set-debounce', counter: -1, debounceUs: 1 },
    { kind: 'set-debounce', counter: 0, debounceUs: 2_000_001 },
  ])('is not written when no board takes it: %o', (request) => {
    expect(() => encodeRequest(request)).toThrow(expect.objectContaining({ code: 'out-of-range' }))
  })

  it('that a board does not know is unknown, of another length bad, and beyond its limits out of range (BOARD-8)', () => {
    expect(read(0x07)).toEqual(refused('unknown', 7))
    expect(read(0x40)).toEqual(refused('unknown', 0x40))
    expect(read()).toEqual(refused('bad-length', 0))
    expect(read(0x00, 0)).toEqual(refused('bad-length', 0))
    expect(read(0x08, 0)).toEqual(refused('bad-length', 8))
    expect(read(0x05, 1, 0, 0)).toEqual(refused('bad-length', 5))
    expect(read(0x05, 0, 0, 0, 0)).toEqual(refused('out-of-range', 5))
    expect(read(0x05, ...encodeNumber(3_600_001, 4))).toEqual(refused('out-of-range', 5))
    expect(read(0x02, 3, 0, 0, 0)).toEqual(refused('out-of-range', 2))
    expect(read(0x03, 99, 0, 0)).toEqual(refused('out-of-range', 3))
  })

  it('is a request that can be written again or is refused, whatever its bytes', () => {
    const data = fc.array(fc.integer({ min: 0, max: 127 }), { maxLength: 7 })
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9 }), data, (command, payload) => {
        const request = read(command, ...payload)
        if (request.kind === 'refused') expect(request).toMatchObject({ sysex: 1, detail: command })
        else expect([...encodeRequest(request)]).toEqual([0xf0, 1, command, ...payload, 0xf7])
      }),
      { ...RUNS, numRuns: 3000 },
    )
  })
})

describe('the gate of a board', () => {
  const messagesOf = (...bytes: number[]): HostMessage[] => {
    const messages: HostMessage[] = []
    createHostGate((message) => messages.push(message)).take(Uint8Array.from(bytes))
    return messages
  }
  const sent = (...messages: number[][]): HostMessage[] =>
    messages.map((bytes) => ({ kind: 'message', bytes: Uint8Array.from(bytes) }))

  it('takes messages of no, one and two data bytes, and a sysex', () => {
    const all = [[0xff], [0xf9], [0xc0, 1], [0xd1, 0], [0x91, 1, 2], [0xf4, 9, 1], [0xf5, 9, 1], [0xf0, 1, 4, 0xf7]]
    expect(messagesOf(...all.flat())).toEqual(sent(...all))
  })

  it('drops what another message interrupts, and every byte outside (BOARD-3)', () => {
    expect(messagesOf(7, 0xf0, 1, 5, 0xff, 1, 0xf7, 0xc0, 0xf1, 1, 0xf5, 9, 0xf9, 0xf0, 0xf7)).toEqual(
      sent([0xff], [0xf9]),
    )
  })

  it('takes a sysex of 96 bytes, and says of a longer one what it was (BOARD-8)', () => {
    const longest = [0xf0, 1, 5, ...Array<number>(94).fill(3), 0xf7]
    expect(messagesOf(...longest)).toEqual(sent(longest))
    const longer = join(Uint8Array.from(longest.slice(0, -1)), Uint8Array.of(3, 0xf7, 0xf9))
    expect(messagesOf(...longer)).toEqual([{ kind: 'too-long', sysex: 1, detail: 5 }, ...sent([0xf9])])
  })

  it('forgets a begun message when its chip is reset', () => {
    const messages: HostMessage[] = []
    const gate = createHostGate((message) => messages.push(message))
    gate.take(Uint8Array.of(0xf0, 1))
    gate.restart()
    gate.take(Uint8Array.of(4, 0xf7))
    expect([messages, gate.dropped()]).toEqual([[], { bytes: 4, messages: 1 }])
  })
})
