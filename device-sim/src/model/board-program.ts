/**
 * What a board does from one reset to the next, written from schemas/spec/08-board.md alone: its greeting, the messages it takes
 * and the answers it gives. It knows nothing of instructions; its parts plan what they do.
 */
import {
  createHostGate,
  decodeOneWireRequest,
  encodeNumber,
  FEATURE_ID,
  FIRMATA,
  ONE_WIRE,
  PIN_MODES,
  type Refusal,
  SYSEX_END,
  SYSEX_START,
} from '@fieldproof/boards/protocol'
import { PIN_COUNT } from '../avr/pins.ts'
import type { Wires } from '../avr/wires.ts'
import { type BoardTime, runSteps } from './board-time.ts'
import { COUNTER_PINS } from './counters.ts'
import { createFeature, type Identity } from './feature.ts'
import { createOneWireMaster } from './one-wire-master.ts'
import { createPinModes, FIRST_ANALOG_PIN, modesOf, VALVE_PIN } from './pin-modes.ts'
import { createTransmitter } from './transmitter.ts'
import { askTwoWire } from './two-wire-master.ts'

/** What a board's program is connected to. */
export interface ProgramPorts {
  readonly time: BoardTime
  readonly wires: Wires
  /** A byte begins to leave the board. */
  readonly carry: (byte: number, bitCycles: number) => void
  readonly identity: Identity
}

/** A running program. */
export interface BoardProgram {
  /** A byte from the host. */
  readonly receive: (byte: number) => void
  /** Something outside has changed at a pin. */
  readonly refresh: (pin: number) => void
}

const PORT_COUNT = 3
const NAME = 'fieldproof'
const VERSION: readonly number[] = [FIRMATA.version, 2, 5]
const FIRMWARE_VERSION: readonly number[] = [1, 0]
const NOT_ANALOG = 0x7f
const END_OF_PIN = 0x7f
const TWO_WIRE_PINS: readonly number[] = [FIRST_ANALOG_PIN + 4, FIRST_ANALOG_PIN + 5]
/** Bytes that wait for the board (BOARD-50), and for the line. */
const BUFFER_BYTES = 63
const QUERY = { mapping: 0x69, capabilities: 0x6b, pinState: 0x6d } as const
const ANSWER = { mapping: 0x6a, capabilities: 0x6c, pinState: 0x6e } as const
/** Shortest OneWire sysex that names a pin: f0 73 subcommand pin f7. */
const ONE_WIRE_BYTES = 5

interface SysexHandler {
  /** How many data bytes it wants; any number when left out. */
  readonly bytes?: number
  readonly take: (data: readonly number[], message: Uint8Array) => void
}

/** Starts the program of a board that has just been reset. */
export function startProgram({ time, wires, carry, identity }: ProgramPorts): BoardProgram {
  const waiting: number[] = []
  let isAsking = false
  let isTaking = false
  let isTwoWire = false

  const transmitter = createTransmitter(time, carry, () => drain())
  const { say, reply } = transmitter
  const sysex = (data: readonly number[]): void => say([SYSEX_START, ...data, SYSEX_END])
  const refuse = (id: number, detail: number, refusal: Refusal): void =>
    reply({ kind: 'error', sysex: id, detail, refusal })
  const pins = createPinModes(time, wires, say)
  const feature = createFeature(time, wires, reply, identity)
  const isOneWire = (pin: number): boolean => pins.mode(pin) === PIN_MODES['one-wire']
  const oneWire = createOneWireMaster(
    time,
    { pull: pins.pull, levelOf: pins.levelOf, isOneWire },
    { onReply: say, onError: (pin, refusal) => refuse(FIRMATA.oneWire, pin, refusal) },
  )

  const sayName = (): void => {
    const name = [...NAME].flatMap((letter) => encodeNumber(letter.charCodeAt(0), 2))
    sysex([FIRMATA.firmware, ...FIRMWARE_VERSION, ...name])
  }
  const sayState = (pin: number): void => {
    const mode = pins.mode(pin)
    if (mode === undefined || modesOf(pin).length === 0) return
    const isOn = mode === PIN_MODES['pull-up'] || (mode === PIN_MODES.output && pins.levelOf(pin))
    sysex([ANSWER.pinState, pin, mode, isOn ? 1 : 0])
  }
  const configureTwoWire = (): void => {
    isTwoWire = true
    for (const pin of TWO_WIRE_PINS) pins.setMode(pin, PIN_MODES.i2c)
  }
  const onTwoWire = (data: readonly number[]): void => {
    isAsking = true
    runSteps(time, askTwoWire(wires.devices, isTwoWire, data), (answer) => {
      isAsking = false
      if (answer?.kind === 'error') refuse(FIRMATA.i2cRequest, answer.address, answer.refusal)
      if (answer?.kind === 'reply') sysex(answer.data)
      drain()
    })
  }
  const onOneWire = (data: readonly number[], message: Uint8Array): void => {
    const [subcommand, pin = 0] = data
    const refused = (refusal: Refusal): void => refuse(FIRMATA.oneWire, pin, refusal)
    const request = decodeOneWireRequest(message)
    if (message.length < ONE_WIRE_BYTES) refuse(FIRMATA.oneWire, 0, 'bad-length')
    else if (subcommand !== ONE_WIRE.config && !isOneWire(pin)) refused('unknown')
    else if (request.kind === 'refused') refused(request.refusal)
    else if (request.kind === 'config') {
      if (!pins.setMode(pin, PIN_MODES['one-wire'])) refused('out-of-range')
    } else if (!oneWire.add(request.kind === 'steps' ? request : { kind: 'search', pin })) refused('too-many')
  }
  const handlers = new Map<number, SysexHandler>([
    [FEATURE_ID, { take: (_, message) => feature.take(message) }],
    [FIRMATA.firmware, { bytes: 0, take: sayName }],
    [QUERY.capabilities, { bytes: 0, take: () => sysex([ANSWER.capabilities, ...pinNumbers().flatMap(capabilities)]) }],
    [QUERY.mapping, { bytes: 0, take: () => sysex([ANSWER.mapping, ...pinNumbers().map(channelOf)]) }],
    [QUERY.pinState, { bytes: 1, take: ([pin = 0]) => sayState(pin) }],
    [FIRMATA.samplingInterval, { bytes: 2, take: ([low = 0, high = 0]) => pins.setSampling(low + 128 * high) }],
    [FIRMATA.i2cConfig, { take: configureTwoWire }],
    [FIRMATA.i2cRequest, { take: onTwoWire }],
    [FIRMATA.oneWire, { take: onOneWire }],
  ])
  const onSysex = (message: Uint8Array): void => {
    const [id = 0, ...data] = message.subarray(1, -1)
    const handler = handlers.get(id)
    if (handler === undefined) refuse(id, 0, 'unknown')
    else if (handler.bytes !== undefined && handler.bytes !== data.length) refuse(id, 0, 'bad-length')
    else handler.take(data, message)
  }
  const reset = (): void => {
    feature.reset()
    isTwoWire = false
    oneWire.reset()
    pins.reset()
  }
  const onShort = (status: number, a: number, b: number): void => {
    const low = status & 0x0f
    if (status === FIRMATA.version) say(VERSION)
    else if (status === FIRMATA.reset) reset()
    else if (status === FIRMATA.pinMode) pins.setMode(a, b)
    else if (status === FIRMATA.pinLevel) pins.write(a, b !== 0)
    else if (status - low === FIRMATA.reportAnalog) pins.reportAnalog(low, a !== 0)
    else if (status - low === FIRMATA.reportDigital) pins.reportDigital(low, a !== 0)
    else if (status - low === FIRMATA.digital && low < PORT_COUNT) {
      const levels = a + 128 * b
      for (let bit = 0; bit < 8; bit++) pins.write(8 * low + bit, ((levels >> bit) & 1) === 1)
    }
  }
  const gate = createHostGate((message) => {
    if (message.kind === 'too-long') refuse(message.sysex, message.detail, 'bad-length')
    else if (message.bytes[0] === SYSEX_START) onSysex(message.bytes)
    else onShort(message.bytes[0] ?? 0, message.bytes[1] ?? 0, message.bytes[2] ?? 0)
  })
  const isBusy = (): boolean => isAsking || transmitter.backlog() > BUFFER_BYTES
  const drain = (): void => {
    if (isTaking) return
    isTaking = true
    while (waiting.length > 0 && !isBusy()) gate.take(Uint8Array.of(waiting.shift() ?? 0))
    isTaking = false
  }
  say(VERSION)
  sayName()
  return {
    receive: (byte) => {
      if (waiting.length >= BUFFER_BYTES) return
      waiting.push(byte)
      drain()
    },
    refresh: (pin) => {
      if (COUNTER_PINS.includes(pin)) feature.refreshCounter(pin)
      else if (pin !== VALVE_PIN) pins.refresh(pin)
    },
  }
}

function pinNumbers(): number[] {
  return Array.from({ length: PIN_COUNT }, (_, pin) => pin)
}

function capabilities(pin: number): number[] {
  return [...modesOf(pin).flatMap((mode) => [mode, mode === PIN_MODES.analog ? 10 : 1]), END_OF_PIN]
}

function channelOf(pin: number): number {
  return pin < FIRST_ANALOG_PIN ? NOT_ANALOG : pin - FIRST_ANALOG_PIN
}
