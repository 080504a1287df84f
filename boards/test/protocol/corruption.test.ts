/** One byte goes wrong on the line: no reply and no report may be taken for good and say something else (BOARD-9). */
import { FieldproofError } from '@fieldproof/sdk/base'
import { describe, expect, it } from 'vitest'
import { createFrameGate, decodeReply, type Reply } from '../../src/protocol/index.ts'
import { ANALOG, GREETING, join, OPENED, streamOf, TIMED_OUT, type ValveReply } from './example.ts'

const CLOSED: ValveReply = { ...TIMED_OUT, number: 2, boardMs: 400, state: 'closed-by-host' }
const FIRST = streamOf(GREETING, OPENED)
/** After the first reply: two reports, a counter reply, and a valve reply. */
const REST = streamOf(OPENED, ANALOG, Uint8Array.of(0x91, 0x7f, 1), TIMED_OUT, ANALOG, CLOSED).subarray(20)

interface Heard {
  readonly reply: Reply
  /** Reports since the reply before, whose check was known to hold. */
  readonly reports: string[]
}

/** What a host takes for true: replies with a good check, each with the reports that it vouches for. */
function heardIn(rest: Uint8Array): Heard[] {
  const heard: Heard[] = []
  let reports: string[] = []
  const gate = createFrameGate(({ kind, bytes, ...frame }) => {
    if (kind === 'firmata') {
      reports.push(bytes.join(' '))
      return
    }
    const reply = 'check' in frame && frame.check === 'good' ? replyOf(bytes) : undefined
    if (reply !== undefined) heard.push({ reply, reports })
    reports = []
  })
  gate.take(join(FIRST, rest))
  return heard
}

/** The reply, or undefined for one that is refused. */
function replyOf(bytes: Uint8Array): Reply | undefined {
  try {
    return decodeReply(bytes)
  } catch (error) {
    if (error instanceof FieldproofError) return undefined
    throw error
  }
}

const TRUE: readonly Heard[] = heardIn(REST)

/** Good replies that were not sent so. */
function falseIn(rest: Uint8Array): Heard[] {
  const known = TRUE.map((each) => JSON.stringify(each))
  return heardIn(rest).filter((each) => !known.includes(JSON.stringify(each)))
}

const VALUES = Array.from({ length: 256 }, (_, value) => value)
const PLACES = Array.from(REST, (_, at) => at)

describe('a stream of which one byte is not what was sent', () => {
  it('is heard whole when nothing is wrong', () => {
    expect(TRUE.map(({ reply, reports }) => [reply.number, reports.length])).toEqual([
      [1, 2],
      [2, 1],
    ])
  })

  it('never gives a good reply with another content after any byte was lost', () => {
    for (const at of PLACES) expect(falseIn(REST.filter((_, i) => i !== at)), `without byte ${at}`).toEqual([])
  })

  it('never gives a good reply with another content after any byte was changed to any other', () => {
    const wrong = PLACES.flatMap((at) =>
      VALUES.filter((value) => falseIn(REST.with(at, value)).length > 0).map((value) => [at, value]),
    )
    expect(wrong).toEqual([])
  })

  it('never gives a good reply with another content after any byte came in between', () => {
    const wrong = PLACES.flatMap((at) =>
      VALUES.filter(
        (value) => falseIn(join(REST.subarray(0, at), Uint8Array.of(value), REST.subarray(at))).length > 0,
      ).map((value) => [at, value]),
    )
    expect(wrong).toEqual([])
  })
})
