import type { SerialLine } from '@fieldproof/boards/line'
import { FieldproofError } from '@fieldproof/sdk/base'
import { describe, expect, test } from 'vitest'
import { createUno } from '../../src/avr/index.ts'
import { type UnoLine, unoLine } from '../../src/line/index.ts'
import { createRig, HEX, type Rig } from '../avr/rig.ts'

const VERSION = [0xf9, 2, 5]

interface Session {
  readonly line: SerialLine
  readonly chunks: number[][]
  readonly closed: string[]
}

async function openOn(port: UnoLine): Promise<Session> {
  const chunks: number[][] = []
  const closed: string[] = []
  const line = await port.open({
    onData: (bytes) => chunks.push([...bytes]),
    onClose: (reason) => closed.push(reason),
  })
  return { line, chunks, closed }
}

async function refusal(action: Promise<unknown>): Promise<unknown[]> {
  const error = await action.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof FieldproofError)) throw new Error('not refused', { cause: error })
  return [error.code, error.facts['reason']]
}

function portOf({ uno }: Rig): UnoLine {
  return unoLine(uno)
}

describe('the port of an emulated Uno', () => {
  test('resets the board when it is opened, and gives what the board says in chunks', async () => {
    const port = portOf(createRig())
    const { chunks } = await openOn(port)
    port.step(60)
    expect(chunks.flat().slice(0, 3)).toEqual(VERSION)
    expect(chunks.length).toBeGreaterThan(1)
    expect(chunks.length).toBeLessThan(chunks.flat().length)
  })

  test('leaves the board alone when DTR is not wired', async () => {
    const port = unoLine(createRig().uno, { dtr: false })
    const { chunks } = await openOn(port)
    port.step(60)
    expect(chunks).toEqual([])
  })

  test('resolves a write when its bytes are on the line, and not before', async () => {
    const port = portOf(createRig())
    const { line, chunks } = await openOn(port)
    port.step(60)
    const before = chunks.flat().length
    const done: string[] = []
    const written = line.write(Uint8Array.of(0xf9, 0xf9, 0xf9)).then(() => done.push('written'))
    port.step(0.4)
    await Promise.resolve()
    expect(done).toEqual([])
    port.step(10)
    await written
    expect(chunks.flat().slice(before)).toEqual([...VERSION, ...VERSION, ...VERSION])
  })

  test('is pulled in the middle: the line says so once, writes fail, opening fails, and then it comes back', async () => {
    const port = portOf(createRig())
    const { line, chunks, closed } = await openOn(port)
    port.step(60)
    const pending = refusal(line.write(Uint8Array.of(0xf9)))
    port.unplug()
    port.unplug()
    expect(await pending).toEqual(['board-disconnected', 'unplugged'])
    expect(closed).toEqual(['unplugged'])
    expect(await refusal(line.write(Uint8Array.of(0xf9)))).toEqual(['board-disconnected', 'the line is closed'])
    expect(await refusal(openOn(port))).toEqual(['port-unavailable', 'missing'])
    const before = chunks.length
    port.step(100)
    await line.close()
    expect([closed.length, chunks.length]).toEqual([1, before])
    port.plug()
    const again = await openOn(port)
    port.step(60)
    expect(again.chunks.flat().slice(0, 3)).toEqual(VERSION)
    expect(chunks.length).toBe(before)
  })

  test('loses what it had not sent yet when it is pulled from a board with its own supply', async () => {
    const { uno } = createRig()
    const port = unoLine(uno, { power: 'own', dtr: false })
    const { line } = await openOn(port)
    const openValve = Uint8Array.of(0xf0, 1, 5, 100, 0, 0, 0, 0xf7)
    const pending = refusal(line.write(openValve))
    port.step(1)
    port.unplug()
    await pending
    port.step(50)
    expect(uno.level(7)).toBe(false)
  })

  test('takes the power with it when it is pulled, unless the board has its own', async () => {
    for (const [power, boots] of [
      ['usb', true],
      ['own', false],
    ] as const) {
      const { uno } = createRig()
      const port = unoLine(uno, { power, dtr: false })
      port.unplug()
      port.step(50)
      port.plug()
      const { chunks } = await openOn(port)
      port.step(60)
      expect(chunks.length > 0, power).toBe(boots)
    }
  })

  test('is refused while another program has it, and while it is open', async () => {
    const port = portOf(createRig())
    const give = port.take()
    expect(await refusal(openOn(port))).toEqual(['port-unavailable', 'taken'])
    give()
    give()
    const { line } = await openOn(port)
    expect(await refusal(openOn(port))).toEqual(['port-unavailable', 'taken'])
    await line.close()
    await openOn(port)
  })

  test('opened at another rate, gives garbage and nothing that the board said', async () => {
    const port = unoLine(createUno({ hex: HEX }), { baudRateBps: 115_200 })
    const { chunks } = await openOn(port)
    port.step(60)
    const heard = String(chunks.flat())
    expect(chunks.flat().length).toBeGreaterThan(10)
    expect(heard).not.toContain(String(VERSION))
    expect(heard).not.toContain(String([0xf0, 0x79]))
  })
})
