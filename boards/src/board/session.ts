/** The session: each method asks the board, and resolves with what arrived after that. Nothing is kept, so nothing old can be given. */
import { FieldproofError } from '@fieldproof/sdk/base'
import { Serial } from '@fieldproof/sdk/machine'
import { encodeI2cConfig, encodeReportAnalog } from '../protocol/index.ts'
import type { BoardTiming } from './connect.ts'
import { digitalWrite } from './digital.ts'
import { garbled, sensorSilent } from './failures.ts'
import { askCheck, askCounters, askDebounce, type FeatureWire } from './feature.ts'
import type { FirmataIo } from './firmata-io.ts'
import { i2cRead, i2cWrite } from './i2c.ts'
import { type Board as JohnnyFiveBoard, johnnyFiveBoard } from './johnny-five.ts'
import { oneWireSearch, oneWireTransfer } from './one-wire.ts'
import type { BoardIdentity, BoardSession, ValveReading } from './ports.ts'
import { askValve, closeValve, openValve, valveReading } from './valve.ts'
import type { Wire } from './wire.ts'

/** What a session is made of. */
export interface SessionParts {
  readonly wire: Wire
  readonly io: FirmataIo
  readonly identity: BoardIdentity | null
  readonly epoch: number
  readonly timing: BoardTiming
  /** Whether it still is the board of the session's begin. @throws FieldproofError `board-restarted` */
  readonly assertSame: () => Promise<void>
}

const MAX_ANALOG = 1023

/** A session on a connection that has been identified. */
export function createSession({ wire, io, identity, epoch, timing, assertSame }: SessionParts): BoardSession {
  const { answerMs: waitMs, samplingMs } = timing
  const feature = (): FeatureWire => {
    if (identity !== null) return { wire, waitMs }
    throw new FieldproofError('board-firmware', 'this needs the firmware of Fieldproof: fieldproof flash', {
      facts: { name: io.firmware.name ?? '' },
    })
  }
  const asked = { wire, waitMs, isOurs: identity !== null }
  const reported = new Set<number>()
  const checks = new Serial()
  /** Something was lost: it may have been the board's word that it was reset. */
  let isDoubtful = false
  let hasBus = false
  let five: Promise<JohnnyFiveBoard> | undefined
  const onBus = async <T>(work: (bus: typeof asked) => Promise<T>): Promise<T> => {
    if (!hasBus) wire.send(encodeI2cConfig()) // not through io, which would keep every io of every connection for ever
    hasBus = true
    try {
      return await work(asked)
    } catch (error) {
      hasBus = false // it may be the config that was lost
      throw error
    }
  }
  // Every reply repeats the state: news is only the step from open to time over, even when the board's own word for it was lost.
  const valveListeners = new Set<(reading: ValveReading) => void>()
  let wasOpen = false
  wire.listen((message) => {
    if (message.kind !== 'valve') return
    if (wasOpen && message.state === 'time-over') for (const listener of valveListeners) listener(valveReading(message))
    wasOpen = message.state === 'open'
  })
  const { name = '', version = { major: 0, minor: 0 } } = io.firmware
  return {
    epoch,
    firmware: { name, ...version },
    identity,
    signal: wire.signal,
    io,
    johnnyFive: () => {
      five ??= johnnyFiveBoard(io, wire.signal)
      return five
    },
    analogRead: async (channel) => {
      // Reports come unasked: some may have waited in this computer for as long as this process was stopped.
      await wire.catchUp({ waitMs, silent: () => sensorSilent(`no answer before A${channel}`, { channel }) })
      if (!reported.has(channel)) wire.send(encodeReportAnalog(channel, true))
      reported.add(channel)
      try {
        return await nextAnalog(wire, channel, waitMs + 2 * samplingMs)
      } catch (error) {
        reported.delete(channel) // it may be the request that was lost
        throw error
      }
    },
    i2cWrite: (address, bytes) => onBus((bus) => i2cWrite(bus, address, bytes)),
    i2cRead: (address, register, length) => onBus((bus) => i2cRead(bus, address, register, length)),
    oneWireSearch: async (pin) => oneWireSearch(feature(), pin),
    oneWireTransfer: async (pin, rom, bytes, length) => oneWireTransfer(feature(), pin, { rom, bytes, length }),
    counters: async () => askCounters(feature()),
    setDebounce: async (counter, us) => askDebounce(feature(), counter, us),
    valve: async () => askValve(feature()),
    openValve: async (maxMs) => openValve(feature(), maxMs),
    closeValve: async () => closeValve(feature()),
    onValve: (listener) => {
      valveListeners.add(listener)
      return () => valveListeners.delete(listener)
    },
    digitalWrite: (pin, level) => digitalWrite({ ...asked, io }, pin, level),
    check: () =>
      checks.run(async () => {
        wire.signal.throwIfAborted()
        // Of a foreign board only what the gate itself saw is known.
        const checking = identity === null ? Promise.resolve() : askCheck(feature())
        const failed = await checking.then(
          () => null,
          (error: unknown) => ({ error }),
        )
        const fault = wire.takeFault()
        isDoubtful ||= fault !== null
        if (failed !== null) throw failed.error
        if (isDoubtful) await assertSame()
        isDoubtful = false
        if (fault !== null) throw garbled(fault.message)
      }),
    get lineFaults() {
      return wire.faults
    },
  }
}

async function nextAnalog(wire: Wire, channel: number, waitMs: number): Promise<number> {
  const value = await wire.await({
    answer: (message) => (message.kind === 'analog' && message.channel === channel ? message.value : undefined),
    waitMs,
    silent: () => sensorSilent(`no report of A${channel}`, { channel }),
  })
  if (value <= MAX_ANALOG) return value
  throw new FieldproofError('sensor-invalid', `A${channel} reports ${value} of ${MAX_ANALOG}`, {
    facts: { channel, value },
  })
}
