import { toHex } from '@fieldproof/sdk/base'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type BoardFrame, createFrameGate, type FrameGate, type FrameGateOptions } from '../../src/protocol/index.ts'
import { ANALOG, anyFirmata, anyReply, GREETING, join, OPENED, RUNS, streamOf, TIMED_OUT } from './example.ts'

/** A gate and what it has let through. */
function gateOf(options: FrameGateOptions = {}): { gate: FrameGate; frames: BoardFrame[] } {
  const frames: BoardFrame[] = []
  return { gate: createFrameGate((frame) => frames.push(frame), options), frames }
}

function framesOf(bytes: Uint8Array, options: FrameGateOptions = {}): BoardFrame[] {
  const { gate, frames } = gateOf(options)
  gate.take(bytes)
  return frames
}

const checksOf = (frames: BoardFrame[]): string[] =>
  frames.flatMap((frame) => (frame.kind === 'feature' ? [frame.check] : []))
const bytesOf = (...bytes: number[]): Uint8Array => Uint8Array.from(bytes)

describe('the frame gate', () => {
  it('lets through whole messages and says what they are', () => {
    const frames = framesOf(streamOf(GREETING, ANALOG, OPENED))
    expect(frames.map(({ kind, bytes }) => [kind, bytes.length])).toEqual([
      ['firmata', 3],
      ['firmata', 25],
      ['firmata', 3],
      ['feature', 20],
    ])
  })

  it('drops data bytes outside a message, and status bytes that no board sends (BOARD-3)', () => {
    const { gate, frames } = gateOf()
    gate.take(join(bytesOf(1, 2, 0xc0, 0xff, 0xf7, 0xfe, 0x7f), ANALOG, bytesOf(0x55)))
    expect(frames).toEqual([{ kind: 'firmata', bytes: ANALOG }])
    expect(gate.dropped()).toEqual({ bytes: 8, messages: 0 })
  })

  it.each([
    ['another message', ANALOG],
    ['the beginning of a sysex', bytesOf(0xf0, 0x79, 1, 0, 0xf7)],
  ])('drops a sysex that %s interrupts, and lets that through (BOARD-3)', (_, next) => {
    const { gate, frames } = gateOf()
    gate.take(join(bytesOf(0xf0, 0x77, 1), next))
    expect(frames).toEqual([{ kind: 'firmata', bytes: next }])
    expect(gate.dropped()).toEqual({ bytes: 3, messages: 1 })
  })

  it('drops a message of three bytes that is interrupted, also by f7', () => {
    const { gate, frames } = gateOf()
    gate.take(join(bytesOf(0xe0, 1), ANALOG, bytesOf(0xe0, 1, 0xf7, 2)))
    expect(frames).toEqual([{ kind: 'firmata', bytes: ANALOG }])
    expect(gate.dropped()).toEqual({ bytes: 6, messages: 2 })
  })

  it('drops a sysex that is too long or empty, and takes the next', () => {
    const { gate, frames } = gateOf({ maxSysexBytes: 3 })
    const longest = bytesOf(0xf0, 0x71, 1, 2, 0xf7)
    gate.take(join(bytesOf(0xf0, 0xf7, 0xf0, 0x71, 1, 2, 3, 4, 0xf7), longest))
    expect(frames).toEqual([{ kind: 'firmata', bytes: longest }])
    expect(gate.dropped()).toEqual({ bytes: 9, messages: 2 })
  })

  it('hands on or counts every byte, whatever the bytes, and does the same however they are cut', () => {
    const hostile = fc.array(
      fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(0xf0, 0xf7, 1, 0xe0, 0xf9), anyFirmata),
      { maxLength: 80 },
    )
    fc.assert(
      fc.property(hostile, fc.array(fc.nat(200)), (parts, cuts) => {
        const bytes = Uint8Array.from(parts.flatMap((part) => (typeof part === 'number' ? [part] : [...part])))
        const whole = gateOf({ maxSysexBytes: 30 })
        whole.gate.take(bytes)
        const cut = gateOf({ maxSysexBytes: 30 })
        const places = [0, ...cuts.map((at) => at % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
        for (const [i, from] of places.entries()) cut.gate.take(bytes.subarray(from, places[i + 1] ?? bytes.length))
        expect(cut.frames).toEqual(whole.frames)
        for (const { bytes: frame } of whole.frames)
          expect([...frame.slice(1, -1)].every((byte) => byte < 0x80)).toBe(true)
        whole.gate.restart()
        const passed = whole.frames.reduce((sum, frame) => sum + frame.bytes.length, 0)
        expect(passed + whole.gate.dropped().bytes).toBe(bytes.length)
      }),
      RUNS,
    )
  })

  it('goes on with the next bytes when a reader of its messages throws', () => {
    const seen: Uint8Array[] = []
    const gate = createFrameGate(({ bytes }) => {
      seen.push(bytes)
      if (seen.length === 1) throw new Error('a reader failed')
    })
    expect(() => gate.take(ANALOG)).toThrow('a reader failed')
    gate.take(ANALOG)
    expect(seen).toEqual([ANALOG, ANALOG])
  })
})

describe('the check of a reply', () => {
  it('is unknown for the first, since the host may have come in the middle, and good from then on (BOARD-9)', () => {
    expect(checksOf(framesOf(streamOf(GREETING, OPENED, ANALOG, TIMED_OUT)))).toEqual(['unknown', 'good'])
  })

  it('is that of the page, for message 0 after the greeting and for message 1', () => {
    const sent = streamOf(GREETING, OPENED, TIMED_OUT)
    const check = (end: number): string => toHex(sent.subarray(end - 4, end))
    expect([check(48), check(68)]).toEqual(['423102f7', '683301f7'])
  })

  it('is good for the first after a reset that the host has seen', () => {
    expect(checksOf(framesOf(streamOf(GREETING, OPENED, TIMED_OUT), { fromReset: true }))).toEqual(['good', 'good'])
  })

  it('is good for whatever a board says between any replies', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(anyFirmata, anyReply), { maxLength: 12 }), (messages) => {
        const replies = messages.filter((message) => !(message instanceof Uint8Array))
        const frames = framesOf(streamOf(...messages), { fromReset: true })
        expect(frames).toHaveLength(messages.length)
        expect(checksOf(frames)).toEqual(replies.map(() => 'good'))
      }),
      RUNS,
    )
  })

  it('covers bytes that the gate drops: a report of which a byte was lost is not made good by silence', () => {
    const sent = streamOf(OPENED, ANALOG, TIMED_OUT)
    const lost = sent.filter((_, at) => at !== 21)
    expect(checksOf(framesOf(sent))).toEqual(['unknown', 'good'])
    expect(framesOf(lost)).toHaveLength(2)
    expect(checksOf(framesOf(lost))).toEqual(['unknown', 'bad'])
  })

  it('is good again for the second reply after a fault', () => {
    const sent = streamOf(OPENED, ANALOG, TIMED_OUT, OPENED)
    expect(checksOf(framesOf(sent.with(21, 9)))).toEqual(['unknown', 'bad', 'good'])
  })

  it('is bad for a sysex that is too short to hold one', () => {
    expect(checksOf(framesOf(join(streamOf(OPENED), bytesOf(0xf0, 1, 0xf7))))).toEqual(['unknown', 'bad'])
  })

  it('is unknown again after a restart', () => {
    const { gate, frames } = gateOf()
    gate.take(streamOf(OPENED))
    gate.take(bytesOf(0xf0, 1, 0x44))
    gate.restart()
    gate.take(streamOf(OPENED, TIMED_OUT))
    expect(checksOf(frames)).toEqual(['unknown', 'unknown', 'good'])
  })
})
