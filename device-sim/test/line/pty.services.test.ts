/** An emulated Uno in real time: in its thread, and behind a pseudo-terminal under the real serialport. Built workers are taken: build before. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SerialPort } from 'serialport'
import { afterEach, expect, test } from 'vitest'
import { onPty, portOf, startUnoThread, type UnoThread } from '../../src/line/index.ts'
import { fromGroups, HEX } from '../avr/rig.ts'

const VERSION = [0xf9, 2, 5]
const CHECK = [0xf0, 1, 8, 0xf7]
const cleanups: (() => Promise<unknown> | unknown)[] = []

afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean()
})

async function startUno(): Promise<UnoThread> {
  const uno = await startUnoThread({ hex: HEX })
  cleanups.push(uno.close)
  return uno
}

/** Everything that was heard, and a promise for when it holds a run of bytes. */
function createEar(): {
  readonly heard: number[]
  readonly take: (bytes: Uint8Array) => void
  readonly until: (want: readonly number[]) => Promise<void>
} {
  const heard: number[] = []
  let check = (): void => {}
  return {
    heard,
    take: (bytes) => {
      heard.push(...bytes)
      check()
    },
    until: (want) =>
      new Promise((resolve) => {
        check = () => {
          if (`,${heard},`.includes(`,${want},`)) resolve()
        }
        check()
      }),
  }
}

function openPort(path: string): Promise<SerialPort> {
  return new Promise((resolve, reject) => {
    const port = new SerialPort({ path, baudRate: 57_600 }, (error) => (error === null ? resolve(port) : reject(error)))
  })
}

test('an Uno in its thread keeps the time while the main thread is busy', async () => {
  const uno = await startUno()
  const ear = createEar()
  const port = portOf(uno)
  const line = await port.open({ onData: ear.take, onClose: () => {} })
  await ear.until(VERSION)
  const boardMs = async (): Promise<number> => {
    ear.heard.length = 0
    await line.write(Uint8Array.from(CHECK))
    await ear.until([0xf0, 1, 0x48])
    await ear.until([0xf7])
    const reply = ear.heard.slice(ear.heard.indexOf(0xf0))
    return fromGroups(reply.slice(5, 10))
  }
  const before = await boardMs()
  const untilMs = performance.now() + 400
  while (performance.now() < untilMs); // busy on purpose
  expect((await boardMs()) - before).toBeGreaterThanOrEqual(400)
  await line.close()
})

test('a pin of an Uno in its thread is heard and driven from outside', async () => {
  const uno = await startUno()
  const port = portOf(uno)
  const ear = createEar()
  const line = await port.open({ onData: ear.take, onClose: () => {} })
  await ear.until([0xf0, 0x79])
  const levels: boolean[] = []
  const closed = new Promise<void>((resolve) => {
    uno.onPin(7, ({ level }) => {
      levels.push(level)
      if (!level) resolve()
    })
  })
  await line.write(Uint8Array.of(0xf0, 1, 5, 50, 0, 0, 0, 0xf7))
  await closed
  expect(levels).toEqual([true, false])
  uno.setAnalog(0, 2.5)
  await line.write(Uint8Array.of(0xc0, 1))
  await ear.until([0xe0, 0, 4])
})

test('serialport opens the terminal of an Uno, which resets it, talks to it, and hears it hang up', async () => {
  const uno = await startUno()
  const folder = mkdtempSync(join(tmpdir(), 'pty-'))
  cleanups.push(() => rmSync(folder, { recursive: true }))
  const linkPath = join(folder, 'usb-uno')
  const pty = await onPty(uno, { linkPath })
  cleanups.push(pty.close)
  expect(pty.path()).toBe(linkPath)

  for (let round = 0; round < 2; round++) {
    const port = await openPort(pty.path())
    const ear = createEar()
    port.on('data', ear.take)
    port.on('error', () => {})
    await ear.until(VERSION) // the greeting after the reset that opening it is
    await ear.until([0xf0, 0x79, 1, 0])
    port.write(Buffer.from(CHECK))
    await ear.until([0xf0, 1, 0x48])
    const gone = new Promise((resolve) => port.once('close', resolve))
    await pty.unplug()
    // serialport notices a hang-up while it waits for data; in the middle of a read it reads nothing for ever, until a write fails.
    if (port.isOpen) port.write(Buffer.from(CHECK))
    await gone
    await expect(openPort(pty.path())).rejects.toThrow(/No such file/)
    await pty.plug()
  }
})

test('a program that closes the terminal and opens it again finds a board that was reset', async () => {
  const uno = await startUno()
  const pty = await onPty(uno)
  cleanups.push(pty.close)
  for (let round = 0; round < 2; round++) {
    const port = await openPort(pty.path())
    const ear = createEar()
    port.on('data', ear.take)
    await ear.until(VERSION)
    await new Promise<void>((resolve) => {
      port.close(() => resolve())
    })
    await new Promise((resolve) => setTimeout(resolve, 50)) // a terminal that is closed and opened within ms looks open all the time
  }
})

test('what a scene throws ends the thread with its words', async () => {
  const scene = new URL('data:text/javascript,export function createScene(){throw new Error("no such part")}')
  await expect(startUnoThread({ scene })).rejects.toThrow('no such part')
})
