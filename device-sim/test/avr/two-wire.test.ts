import { describe, expect, test } from 'vitest'
import type { TwoWireDevice } from '../../src/avr/index.ts'
import { createRig, replyOf } from './rig.ts'

const CONFIG = [0xf0, 0x78, 0, 0, 0xf7]
const NACK = 4
const TIMEOUT = 5
const readOne = (address: number): number[] => [0xf0, 0x76, address, 0x08, 1, 0, 0xf7]

/** A device that answers every read with its address, unless its start says otherwise. */
function device(address: number, start: TwoWireDevice['start'] = () => 'ack'): TwoWireDevice {
  return { address, start, write: () => true, read: () => address }
}

/** What a read of one byte gives: the byte, or the code of the error. */
function read(rig: ReturnType<typeof createRig>, address: number): { byte: number } | { error: number } | undefined {
  const [message] = rig.ask(readOne(address), 80)
  if (message === undefined) return undefined
  const error = replyOf(message)
  if (error !== undefined) return { error: error.payload[2] ?? -1 }
  return { byte: (message.bytes[6] ?? 0) | ((message.bytes[7] ?? 0) << 7) }
}

describe('the two-wire bus', () => {
  test('is free again when a device that held the clock is asked no more: the controller turns itself off and on', () => {
    let isStuck = true
    const rig = createRig({ twoWire: [device(0x40, () => (isStuck ? 'hold' : 'ack')), device(0x41)] })
    rig.ask(CONFIG)
    expect(read(rig, 0x40)).toEqual({ error: TIMEOUT })
    expect(read(rig, 0x41)).toEqual({ byte: 0x41 })
    expect(read(rig, 0x40)).toEqual({ error: TIMEOUT })
    isStuck = false
    expect(read(rig, 0x40)).toEqual({ byte: 0x40 })
  })

  test('is dead for every device while one holds the clock, and alive when it lets go', () => {
    let holding = false
    const holder = { ...device(0x40), holds: (): boolean => holding }
    const rig = createRig({ twoWire: [holder, device(0x41)] })
    rig.ask(CONFIG)
    holding = true
    expect(read(rig, 0x41)).toEqual({ error: TIMEOUT })
    expect(read(rig, 0x40)).toEqual({ error: TIMEOUT })
    holding = false
    expect(read(rig, 0x41)).toEqual({ byte: 0x41 })
    expect(read(rig, 0x40)).toEqual({ byte: 0x40 })
  })

  test('waits for a device that stretches the clock for less than the time-out', () => {
    const rig = createRig()
    let untilMs = 0
    const slow: TwoWireDevice = {
      ...device(0x40, () => {
        untilMs = rig.uno.nowMs() + 10
        return 'hold'
      }),
      holds: () => rig.uno.nowMs() < untilMs,
    }
    rig.uno.plugTwoWire(slow)
    rig.ask(CONFIG)
    expect(read(rig, 0x40)).toEqual({ byte: 0x40 })
  })

  test('is free after a reset of the chip', () => {
    let isStuck = true
    const rig = createRig({ twoWire: [device(0x40, () => (isStuck ? 'hold' : 'ack'))] })
    rig.ask([...CONFIG, ...readOne(0x40)], 5)
    isStuck = false
    rig.uno.reset('external')
    rig.uno.run(60)
    rig.ask(CONFIG)
    expect(read(rig, 0x40)).toEqual({ byte: 0x40 })
  })

  test('has a device from when it is plugged until it is unplugged, in the middle of a transfer too', () => {
    const rig = createRig()
    rig.ask(CONFIG)
    expect(read(rig, 0x40)).toEqual({ error: NACK })
    const unplug = rig.uno.plugTwoWire(device(0x40))
    expect(read(rig, 0x40)).toEqual({ byte: 0x40 })
    unplug()
    expect(read(rig, 0x40)).toEqual({ error: NACK })
    const unplugAtOnce = rig.uno.plugTwoWire(
      device(0x42, () => {
        unplugAtOnce()
        return 'ack'
      }),
    )
    expect(read(rig, 0x42)).toEqual({ byte: 0xff })
  })
})
