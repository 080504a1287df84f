/** Commands of a station in virtual time: a modelled Uno with its parts, a folder of its own, and everything that is printed. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSite, loadSeattle } from '@fieldproof/device-sim'
import { installVirtualTime, type VirtualTime } from '@fieldproof/device-sim/lab'
import { type UnoLine, unoLine } from '@fieldproof/device-sim/line'
import { createModelUno } from '@fieldproof/device-sim/model'
import { irrigationParts, weatherParts } from '@fieldproof/device-sim/parts'
import { systemClock } from '@fieldproof/sdk/node'
import { main } from '../../src/cli/main.ts'
import type { Surroundings } from '../../src/cli/surroundings.ts'
import { STATIONS } from '../../src/stations/index.ts'

/** A command under way. */
export interface Running {
  readonly out: readonly string[]
  readonly err: readonly string[]
  readonly code: Promise<number>
  /** SIGTERM. */
  stop(): void
  /** Codes with which the process would have ended at once. */
  readonly exits: readonly number[]
}

/** A computer with a board. */
export interface Place {
  readonly dir: string
  /** Stands for `/`. */
  readonly root: string
  readonly time: VirtualTime
  readonly line: UnoLine
  isValveOpen(): boolean
  start(args: readonly string[], changes?: Partial<Surroundings>): Running
  run(args: readonly string[], changes?: Partial<Surroundings>): Promise<{ code: number; out: string; err: string }>
  until(condition: () => boolean, maxMs?: number): Promise<void>
  /** Lets time pass until the promise settles, no faster than the disk gets on. */
  settle<T>(promise: Promise<T>, maxMs?: number): Promise<T>
  end(): void
}

export const PORT = '/dev/ttyACM0'
const RECORDED_MS = Date.UTC(2012, 10, 19)
const VALVE_PIN = 7

/** A place with the parts of a station on its board. */
export function openPlace(station: 'weather-station' | 'irrigation-station' = 'weather-station'): Place {
  const base = mkdtempSync(join(tmpdir(), 'station-'))
  const [dir, root] = [join(base, 'porch'), join(base, 'root')]
  mkdirSync(root)
  const uno = createModelUno()
  const line = unoLine(uno)
  const site = createSite(loadSeattle(), 7)
  const recordedMs = (ms: number): number => RECORDED_MS + 60 * ms
  if (station === 'weather-station') weatherParts(site, { recordedMs }).connect(uno)
  else irrigationParts(site, { recordedMs }).connect(uno)
  const time = installVirtualTime({ startMs: Date.UTC(2026, 0, 31, 12), run: line.step })

  const settle: Place['settle'] = async (promise, maxMs = 120_000) => {
    let isSettled = false
    const settled = (): void => {
      isSettled = true
    }
    promise.then(settled, settled)
    for (let at = 0; at < maxMs && !isSettled; at++) {
      await time.pass(1)
      await stat(base) // real work of the same thread pool: virtual seconds must not pass while it syncs a file
    }
    return await time.until(promise, 1)
  }
  const start: Place['start'] = ([name = '', ...args], changes = {}) => {
    const [out, err, exits]: [string[], string[], number[]] = [[], [], []]
    const stops = new Set<() => void>()
    const surroundings: Surroundings = {
      profiles: STATIONS,
      env: {},
      clock: systemClock({ quality: () => 2 }),
      root,
      isInteractive: false,
      colours: false,
      print: (text) => void out.push(text),
      error: (text) => void err.push(text),
      now: () => Date.now(),
      ask: () => Promise.reject(new Error('nobody can be asked')),
      openLine: () => line.open,
      onStop(listener) {
        stops.add(listener)
        return () => stops.delete(listener)
      },
      runProgram: async () => 0,
      exit: (code) => void exits.push(code),
      ...changes,
    }
    const code = main(name, args, surroundings)
    return { out, err, code, exits, stop: () => void [...stops].map((listener) => listener()) }
  }
  return {
    dir,
    root,
    time,
    line,
    isValveOpen: () => uno.level(VALVE_PIN),
    start,
    async run(args, changes) {
      const { out, err, code } = start(args, changes)
      return { code: await settle(code), out: out.join('\n'), err: err.join('\n') }
    },
    settle,
    async until(condition, maxMs = 120_000) {
      for (let at = 0; at < maxMs && !condition(); at += 10) {
        await time.pass(10)
        await stat(base)
      }
      if (!condition()) throw new Error(`still not so after ${maxMs} ms: ${condition.toString()}`)
    },
    end() {
      time.end()
      rmSync(base, { recursive: true })
    },
  }
}

/** Writes a file below a folder, with the folders above it. */
export function put(root: string, path: string, text: string): void {
  const file = join(root, path)
  mkdirSync(join(file, '..'), { recursive: true })
  writeFileSync(file, text)
}
