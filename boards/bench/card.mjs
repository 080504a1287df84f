/**
 * What a station writes to its memory card in a day, with the default settings: the outbox and the local files of the shipped stations, in
 * virtual time. Counted by the kernel (/proc/self/io, wchar): bytes that were handed to write(2). The card's own blocks come on top.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { STATIONS, stationStreams } from '@fieldproof/boards'
import { openMachine } from '@fieldproof/sdk'
import { initLocalStation } from '@fieldproof/sdk/node'
import { createVirtualClock } from '@fieldproof/sdk/testing'
import { benchRow } from '../../scripts/bench/row.mjs'
import { parseConfig, stationFileText } from '../dist/config/index.js'
import { openReadings } from '../dist/local/index.js'

const HOURS = 6
/** Our own budget. */
const LIMIT_MB = 50
const NONE = { port: null, gateway: null, owner: null }

/** Rows of the bench table. */
export async function rows() {
  const results = []
  for (const profile of Object.values(STATIONS)) {
    const value = (await writtenBytes(profile)) * (24 / HOURS)
    const name = `${profile.name}, written to the card a day`
    results.push(benchRow({ name, value: value / 1e6, unit: 'MB', limit: LIMIT_MB, target: 1, higherIsBetter: false }))
  }
  return results
}

async function writtenBytes(profile, outbox = {}) {
  const dir = join(mkdtempSync(join(tmpdir(), 'card-')), 'station')
  const config = parseConfig(stationFileText(profile, NONE), { [profile.name]: profile })
  await initLocalStation(dir)
  const clock = createVirtualClock()
  const readings = await openReadings({ dir, clock, ...config.readings, onLost: (_, why) => console.error(why) })
  const streams = stationStreams(config.definition).map((definition) => ({ definition }))
  const machine = await openMachine({
    dir,
    gateway: null,
    streams,
    clock,
    software: 'bench',
    timing: { ...config.signing, flushMs: outbox.flushMs ?? config.outbox.flushMs },
    onRow: (definition, one) => readings.add(definition, one),
  })
  const before = wchar()
  let n = 0
  for (const [name, stream] of Object.entries(config.definition.streams)) {
    const columns = streams.find(({ definition }) => definition.name === name).definition.columns
    const record = () => {
      const values = columns.map((column, i) => [column.name, 20 + i + (n++ % 97) / 10])
      void machine.record(name, Object.fromEntries(values))
      clock.after(stream.everyMs, record)
    }
    record()
  }
  await clock.advance(HOURS * 3_600_000)
  const written = wchar() - before
  await machine.stop()
  await readings.close()
  rmSync(join(dir, '..'), { recursive: true })
  return written
}

function wchar() {
  return Number(/wchar: (\d+)/.exec(readFileSync('/proc/self/io', 'utf8'))[1])
}

if (process.argv[1] === import.meta.filename) {
  for (const profile of Object.values(STATIONS)) {
    for (const flushMs of [0, 30_000, 60_000, 300_000]) {
      const bytes = (await writtenBytes(profile, { flushMs })) * (24 / HOURS)
      console.log(`${profile.name} outbox.flushMs ${flushMs}: ${(bytes / 1e6).toFixed(1)} MB a day`)
    }
  }
}
