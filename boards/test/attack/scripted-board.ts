/** A board that speaks schemas/spec/08-board.md on a virtual clock, and a line on which a test does what it likes to messages and bytes. */
import { FieldproofError } from '@fieldproof/sdk/base'
import type { VirtualClock } from '@fieldproof/sdk/testing'
import type { LineHandlers, OpenLine } from '../../src/line/index.ts'
import {
  CRC_START,
  crc16,
  createHostGate,
  decodeRequest,
  encodeReply,
  type ReplyBody,
  type Request,
} from '../../src/protocol/index.ts'

/** Board and line. */
export interface ScriptedBoard {
  readonly open: OpenLine
  /** Times that the line was opened. */
  readonly openings: () => number
  /** What A0 to A5 read. */
  readonly analog: number[]
  readonly pulses: [number, number, number]
  readonly isValveOpen: () => boolean
  /** Says unasked how the valve is. */
  readonly sayValve: () => void
  /** Whether the board hears a message of the host. */
  hears: (message: Uint8Array) => boolean
  /** What the host's computer gets of a message of the board. */
  carries: (message: Uint8Array) => Uint8Array
  /** Ms until an answer has come. */
  latencyMs: number
  /** Bytes that the board did not send. */
  readonly inject: (...bytes: number[]) => void
  readonly unplug: () => void
  /** The reset button; the board starts at once and says hello. */
  readonly reset: () => void
  /** Bytes wait in the computer; `false` hands them over in one piece. */
  readonly buffer: (isOn: boolean) => void
}

const PINS = 20
const NAME = 'fieldproof'
const sysex = (...data: number[]): number[] => [0xf0, ...data, 0xf7]
const nameOf = (text: string): number[] => [...text].flatMap((letter) => [letter.charCodeAt(0) & 0x7f, 0])

/** A board that has power. Opening its line resets it. */
export function createScriptedBoard(clock: VirtualClock, name: string = NAME): ScriptedBoard {
  let handlers: LineHandlers | null = null
  let openings = 0
  let boots = 0
  let resetMs = 0
  let number = 0
  let crc = CRC_START
  let life = 0
  let samplingMs = 19
  let arrivesMs = 0
  let valveUntilMs = 0
  let wasOpened = false
  let held: number[] | null = null
  const channels = new Set<number>()
  const modes = new Map<number, number>()
  const debounce = [50_000, 2_000, 500]

  let cancelSample = (): void => undefined
  const deliver = (bytes: Uint8Array): void => {
    if (held !== null) held.push(...bytes)
    else if (bytes.length > 0) handlers?.onData(bytes)
  }
  const send = (message: Uint8Array): void => {
    const carried = board.carries(message)
    if (carried.length === 0) return
    const current = life
    arrivesMs = Math.max(arrivesMs, clock.monotonicMs() + board.latencyMs) // one line: nothing overtakes
    clock.after(arrivesMs - clock.monotonicMs(), () => {
      if (life === current) deliver(carried)
    })
  }
  const say = (bytes: readonly number[]): void => {
    crc = crc16(bytes, crc)
    send(Uint8Array.from(bytes))
  }
  const reply = (body: ReplyBody): void => {
    const boardMs = Math.floor(clock.monotonicMs() - resetMs)
    const bytes = encodeReply({ ...body, number, boardMs }, crc)
    number = (number + 1) % 2 ** 14
    crc = CRC_START
    send(bytes)
  }
  const isValveOpen = (): boolean => clock.monotonicMs() < valveUntilMs
  const sayValve = (): void => {
    const isHigh = isValveOpen()
    const state = isHigh ? 'open' : wasOpened ? 'closed-by-host' : 'never-opened'
    reply({ kind: 'valve', isHigh, remainingMs: isHigh ? valveUntilMs - clock.monotonicMs() : 0, state })
  }
  const obey = (request: Request): void => {
    if (request.kind === 'set-debounce') debounce[request.counter] = request.debounceUs
    if (request.kind === 'open-valve') {
      valveUntilMs = clock.monotonicMs() + request.forMs
      wasOpened = true
    }
    if (request.kind === 'close-valve') valveUntilMs = 0
    if (request.kind === 'identity') {
      reply({ kind: 'identity', buildId: new Uint8Array(8).fill(7), boots, resetCauses: ['external'] })
    } else if (request.kind === 'check') reply({ kind: 'check' })
    else if (request.kind === 'set-interval') reply({ kind: 'interval', intervalMs: request.intervalMs })
    else if (request.kind.endsWith('valve')) sayValve()
    else {
      const counters = board.pulses.map((pulses, i) => ({ pulses, debounceUs: debounce[i] ?? 0 }))
      reply({ kind: 'counters', counters })
    }
  }
  const onSysex = (message: Uint8Array): void => {
    const [id = 0, a = 0] = message.subarray(1)
    if (id === 0x01) {
      const request = decodeRequest(message)
      if (request.kind !== 'refused') obey(request)
      else reply({ kind: 'error', sysex: 1, detail: request.detail, refusal: request.refusal })
    } else if (id === 0x79) sayName()
    else if (id === 0x6b) say(sysex(0x6c, ...Array.from({ length: PINS }, () => [0, 1, 1, 1, 0x7f]).flat()))
    else if (id === 0x69) say(sysex(0x6a, ...Array.from({ length: PINS }, (_, pin) => (pin < 14 ? 0x7f : pin - 14))))
    else if (id === 0x6d) say(sysex(0x6e, a, modes.get(a) ?? 0, 0))
    else if (id === 0x7a) samplingMs = (message[2] ?? 0) + 128 * (message[3] ?? 0)
  }
  const sample = (): void => {
    cancelSample()
    cancelSample = clock.after(samplingMs, () => {
      for (const channel of channels) {
        const value = board.analog[channel] ?? 0
        say([0xe0 | channel, value & 0x7f, value >> 7])
      }
      sample()
    })
  }
  const gate = createHostGate((message) => {
    if (message.kind !== 'message' || !board.hears(message.bytes)) return
    const [status = 0, a = 0, b = 0] = message.bytes
    if (status === 0xf0) onSysex(message.bytes)
    else if (status === 0xf9) say([0xf9, 2, 5])
    else if (status === 0xf4) modes.set(a, b)
    else if ((status & 0xf0) === 0xc0 && a === 1) channels.add(status & 0x0f)
  })
  const sayName = (): void => say(sysex(0x79, 1, 0, ...nameOf(name)))
  const reset = (): void => {
    life++
    boots++
    resetMs = clock.monotonicMs()
    number = 0
    crc = CRC_START
    arrivesMs = 0
    samplingMs = 19
    valveUntilMs = 0
    wasOpened = false
    board.pulses.fill(0)
    channels.clear()
    modes.clear()
    debounce.splice(0, 3, 50_000, 2_000, 500)
    gate.restart()
    say([0xf9, 2, 5])
    sayName()
    sample()
  }
  const close = (reason: string): void => {
    const closed = handlers
    handlers = null
    held = null
    cancelSample() // nobody listens any more, and no timer of ours is to be taken for one of the host's
    closed?.onClose(reason)
  }
  const board: ScriptedBoard = {
    open: async (next) => {
      if (handlers !== null) throw new FieldproofError('port-unavailable', 'taken', { facts: { reason: 'taken' } })
      handlers = next
      openings++
      reset()
      return {
        write: async (bytes) => {
          if (handlers !== next) throw new FieldproofError('board-disconnected', 'closed')
          gate.take(bytes)
        },
        close: async () => {
          if (handlers === next) close('closed')
        },
      }
    },
    openings: () => openings,
    analog: [0, 0, 0, 0, 0, 0],
    pulses: [0, 0, 0],
    isValveOpen,
    sayValve,
    hears: () => true,
    carries: (message) => message,
    latencyMs: 2,
    inject: (...bytes) => deliver(Uint8Array.from(bytes)),
    unplug: () => close('unplugged'),
    reset,
    buffer: (isOn) => {
      const bytes = Uint8Array.from(held ?? [])
      held = isOn ? [] : null
      if (!isOn) deliver(bytes)
    },
  }
  return board
}
