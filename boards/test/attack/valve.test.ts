/** No command to the valve succeeds when it did not, and one that failed does not leave it open. */
import { describe, expect, it } from 'vitest'
import { createRig, type Rig } from './rig.ts'

const isCommand = (message: Uint8Array, command: number): boolean =>
  message[0] === 0xf0 && message[1] === 1 && message[2] === command
const isValveReply = (message: Uint8Array): boolean => isCommand(message, 0x44)
const OPEN_MS = 60_000

async function ready(): Promise<Rig> {
  const rig = createRig()
  while (rig.station.board.session === null) await rig.clock.advance(10)
  return rig
}

/** The outcome, once virtual time has given it. */
async function outcome(rig: Rig, command: Promise<unknown> | undefined): Promise<string> {
  let is = 'pending'
  command?.then(
    () => {
      is = 'done'
    },
    (error: { readonly code?: string }) => {
      is = error.code ?? 'no code'
    },
  )
  for (let i = 0; i < 100 && is === 'pending'; i++) await rig.clock.advance(100)
  return is
}

describe('opening the valve', () => {
  it('fails and leaves it closed when the answer is lost', async () => {
    const rig = await ready()
    let lost = 0
    rig.board.carries = (message) => (isValveReply(message) && lost++ === 0 ? new Uint8Array(0) : message)
    expect(await outcome(rig, rig.station.valve?.open(OPEN_MS))).toBe('command-failed')
    expect(rig.board.isValveOpen()).toBe(false)
    expect(await rig.end()).toBe(true)
  })

  it('fails and leaves it closed when the answer is garbled', async () => {
    const rig = await ready()
    let bad = 0
    rig.board.carries = (message) => (isValveReply(message) && bad++ === 0 ? message.with(10, 0) : message)
    expect(await outcome(rig, rig.station.valve?.open(OPEN_MS))).toBe('command-failed')
    expect(rig.board.isValveOpen()).toBe(false)
    expect(await rig.end()).toBe(true)
  })

  it('fails and leaves it closed when the answer comes too late', async () => {
    const rig = await ready()
    rig.board.latencyMs = 700
    const opening = rig.station.valve?.open(OPEN_MS)
    await rig.clock.advance(10)
    rig.board.latencyMs = 2
    expect(await outcome(rig, opening)).toBe('command-failed')
    await rig.clock.advance(2_000)
    expect(rig.board.isValveOpen()).toBe(false)
    expect(await rig.end()).toBe(true)
  })

  it('is not judged by the answer to a question before, so that it fails and stays open', async () => {
    const rig = await ready()
    await rig.clock.advance(1_300)
    rig.board.latencyMs = 700
    const asked = rig.station.board.session?.valve()
    await rig.clock.advance(10)
    rig.board.latencyMs = 2
    expect(await outcome(rig, asked)).toBe('board-silent')
    const result = await outcome(rig, rig.station.valve?.open(OPEN_MS))
    await rig.clock.advance(2_000)
    expect([result, rig.board.isValveOpen()]).toEqual(['done', true])
    expect(await rig.end()).toBe(true)
  })

  it('is not judged by the news that its time was over, which crosses the command to close', async () => {
    const rig = await ready()
    await rig.clock.advance(1_300)
    const { session } = rig.station.board
    const opened = await Promise.all([session?.openValve(200), rig.clock.advance(50)])
    expect(opened[0]).toMatchObject({ isOpen: true })
    // The board says "time over" unasked, and then answers the closing: two replies for one question.
    const closing = session?.closeValve()
    rig.board.sayValve()
    expect(await outcome(rig, closing)).toBe('done')
    expect(await outcome(rig, session?.openValve(OPEN_MS))).toBe('done')
    expect(rig.board.isValveOpen()).toBe(true)
    expect(await rig.end()).toBe(true)
  })

  it('does not happen after the station was told to end', async () => {
    const rig = await ready()
    const ending = rig.station.stop()
    const opening = rig.station.valve?.open(OPEN_MS)
    expect(await outcome(rig, opening)).toBe('command-failed')
    await rig.clock.advance(5_000)
    await ending
    expect(rig.board.isValveOpen()).toBe(false)
  })
})

describe('closing the valve', () => {
  it('does not succeed by an answer from before it', async () => {
    const rig = await ready()
    await rig.clock.advance(1_300)
    rig.board.latencyMs = 700
    const asked = rig.station.board.session?.valve()
    await rig.clock.advance(10)
    rig.board.latencyMs = 2
    await outcome(rig, asked)
    const opening = rig.station.valve?.open(OPEN_MS)
    rig.board.hears = (message) => !isCommand(message, 0x06)
    const closing = rig.station.valve?.close()
    await outcome(rig, opening)
    expect(await outcome(rig, closing)).toBe('command-failed')
    rig.board.hears = () => true
    expect(await rig.end()).toBe(true)
  })

  it('at the end of a station is tried even when the board does not say whether it is open', async () => {
    const rig = await ready()
    expect(await outcome(rig, rig.station.valve?.open(OPEN_MS))).toBe('done')
    rig.board.hears = (message) => !isCommand(message, 0x04)
    expect(await outcome(rig, rig.station.stop())).toBe('done')
    expect(rig.board.isValveOpen()).toBe(false)
  })
})

describe('the rows of the valve', () => {
  it('say of a failed opening that the valve was closed again, when it was', async () => {
    const rig = await ready()
    let lost = 0
    rig.board.carries = (message) => (isValveReply(message) && lost++ === 0 ? new Uint8Array(0) : message)
    await outcome(rig, rig.station.valve?.open(OPEN_MS))
    const rows = rig.rows.filter(({ stream }) => stream === 'actuations')
    expect(rows.map(({ reading }) => [reading['command'], reading['outcome']])).toEqual([['open', 'command-failed']])
    expect(await rig.end()).toBe(true)
  })
})
