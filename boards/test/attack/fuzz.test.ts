/** Whatever a seed does to line, board and process: no row is false, nothing throws, and rows flow again afterwards. */
import { createVirtualClock } from '@fieldproof/sdk/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ds18b20, rainGauge } from '../../src/drivers/index.ts'
import { runStation, type StationEvent } from '../../src/index.ts'
import { celsiusAt, type FuzzPlace, fuzzPlace, type Random, rawAt, seeded } from './fuzz-place.ts'
import { stoppable } from './host-clock.ts'
import { isDone, type Row, stationOf, THERMOMETER } from './rig.ts'

const EVERY_MS = 2_000
/** A reading takes 10 s at most, and the conversion that it finds is no older than 10 s before that. */
const OLDEST_MS = { raw: 10_500, celsius: 20_500 }
const HEAL_MS = 50_000
const PHASES = 9

const lost: unknown[] = []
const note = (error: unknown): void => void lost.push(error)
beforeAll(() => void process.on('unhandledRejection', note))
afterAll(() => void process.off('unhandledRejection', note))

function world(seed: number) {
  const random = seeded(seed)
  const clock = createVirtualClock()
  const startMs = clock.now()
  const host = stoppable(clock)
  const place = fuzzPlace(clock, random)
  const rows: Row[] = []
  const events: StationEvent[] = []
  const sensors = { ...THERMOMETER, probe: ds18b20({ pin: 'D8' }), gauge: rainGauge() }
  const station = runStation({
    station: stationOf(sensors, EVERY_MS),
    recorder: { record: async (stream, reading, time = clock.now()) => void rows.push({ stream, reading, time }) },
    open: place.open,
    clock: host,
    onEvent: (event) => events.push(event),
  })
  const measured = (): Row[] => rows.filter(({ stream }) => stream === 'air')
  return { random, clock, startMs, host, place, station, events, measured }
}

type World = ReturnType<typeof world>

/** One bad thing each; when it is over, line and board are well again. */
const TROUBLES: Readonly<Record<string, (world: World, place: FuzzPlace, random: Random) => Promise<void>>> = {
  'noise towards the host': async (_, place, random) => {
    place.noise.toHost = 0.0005 + random() * 0.01
    await place.pass(20_000)
  },
  'noise towards the board': async (_, place, random) => {
    place.noise.toBoard = 0.002 + random() * 0.03
    await place.pass(20_000)
  },
  'noise both ways': async (_, place, random) => {
    place.noise.toHost = place.noise.toBoard = random() * 0.05
    await place.pass(20_000)
  },
  'random bytes': async (_, place, random) => {
    for (let i = 0; i < 60; i++) {
      place.inject(Uint8Array.from({ length: Math.floor(random() * 400) }, () => Math.floor(random() * 256)))
      await place.pass(5 * Math.floor(random() * 60))
    }
  },
  'old messages once more': async (_, place, random) => {
    for (let i = 0; i < 60; i++) {
      place.replay()
      await place.pass(5 * Math.floor(random() * 60))
    }
  },
  'resets and hangs': async (_, place, random) => {
    for (let i = 0; i < 8; i++) {
      if (random() < 0.6) place.uno.reset('external')
      else place.uno.hang()
      await place.pass(5 * Math.floor(random() * 800))
    }
    place.uno.reset('external')
  },
  'a loose plug': async (_, place, random) => {
    for (let i = 0; i < 8; i++) {
      place.unplug()
      await place.pass(5 * Math.floor(random() * 400))
      place.plug()
      await place.pass(5 * Math.floor(random() * 800))
    }
  },
  'a process that is stopped': async ({ host, clock }, place, random) => {
    for (let i = 0; i < 4; i++) {
      await place.pass(5 * Math.floor(random() * 900))
      host.stop()
      place.buffer(true)
      await place.pass(5 * Math.floor(random() * 12_000))
      host.go()
      await clock.advance(0) // timers first, then what they have promised, then what is read
      place.buffer(false)
    }
  },
  'commands to the valve on a bad line': async ({ station }, place, random) => {
    place.noise.toHost = place.noise.toBoard = 0.01
    for (let i = 0; i < 20; i++) {
      const command = random() < 0.5 ? station.valve?.open(5_000) : station.valve?.close()
      command?.catch(() => undefined)
      await place.pass(5 * Math.floor(random() * 300))
    }
  },
}

/** Rows that tell what was not. */
function falseRows({ measured, startMs }: World): readonly Row[] {
  const could = (at: (ms: number) => number, endMs: number, oldestMs: number): readonly number[] => {
    const values: number[] = []
    for (let ms = endMs; ms >= Math.max(0, endMs - oldestMs); ms -= 500) values.push(at(ms))
    return values
  }
  return measured().filter(({ time, reading }) => {
    const ms = time - startMs
    const { air_raw: raw, probe_temperature: celsius } = reading
    const isRawTrue = raw === null || could(rawAt, ms, OLDEST_MS.raw).includes(Number(raw))
    return !isRawTrue || (celsius !== null && !could(celsiusAt, ms, OLDEST_MS.celsius).includes(Number(celsius)))
  })
}

describe.each([20_260_901, 20_260_902, 20_260_903])('a station under attack by seed %d', (seed) => {
  it('records nothing that was not, and goes on when it is over', async () => {
    const fuzz = world(seed)
    const { random, place, measured, station, clock } = fuzz
    const names = Object.keys(TROUBLES)
    await place.pass(10_000)
    for (let phase = 0; phase < PHASES; phase++) {
      const name = names[(phase + seed) % names.length] ?? ''
      await TROUBLES[name]?.(fuzz, place, random)
      place.noise.toHost = place.noise.toBoard = 0
      await place.pass(HEAL_MS)
      const last = measured().at(-1)
      const ageMs = clock.now() - (last?.time ?? 0)
      const missing = Object.entries(last?.reading ?? {}).filter(([, value]) => value === null)
      expect({ seed, name, isLate: ageMs > 2 * EVERY_MS, missing }).toEqual({ seed, name, isLate: false, missing: [] })
    }
    expect({ seed, wrong: falseRows(fuzz) }).toEqual({ seed, wrong: [] })
    const tips = measured().reduce((sum, { reading }) => sum + Number(reading['gauge_tips'] ?? 0), 0)
    expect(tips).toBeLessThanOrEqual(place.tips())
    expect(tips).toBeGreaterThan(0)
    const stopping = station.stop()
    await place.pass(5_000)
    expect(await isDone(stopping, clock)).toBe(true)
    expect(clock.timers).toBe(0)
    expect(lost).toEqual([])
  })
})
