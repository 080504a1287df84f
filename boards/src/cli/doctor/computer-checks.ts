/** Checks of the computer itself. */
import { randomBytes } from 'node:crypto'
import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { errnoOf } from '@fieldproof/sdk/node'
import { diskFree, readText, supplyOf } from '../host/computer.ts'
import { bytesText } from '../station/page-text.ts'
import { type Check, fail, ok, skipped, warn } from './finding.ts'

const MIN_NODE: readonly [number, number] = [20, 19]
/** serialport 13 reads nothing there until something else happens (node-serialport issue 3148). */
const BROKEN_NODE: readonly [number, number] = [26, 4]
const MIN_FREE_BYTES = 200_000_000

/** Node's version. */
export const nodeCheck: Check = {
  name: 'node',
  run: async () => [nodeFinding(process.versions.node)],
}

/** What to say of a version of Node. */
export function nodeFinding(version: string): ReturnType<typeof ok> {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const isFrom = ([a, b]: readonly [number, number]): boolean => major > a || (major === a && minor >= b)
  if (!isFrom(MIN_NODE)) return fail(`Node ${version}`, `install Node ${MIN_NODE.join('.')} or later, best 24`)
  if (isFrom(BROKEN_NODE)) return fail(`Node ${version} delays reads from serial ports`, 'install Node 24')
  return ok(`Node ${version}`)
}

/** Whether the clock is synchronised. */
export const clockCheck: Check = {
  name: 'clock',
  async run({ surroundings: { clock } }) {
    const quality = clock.quality()
    const now = new Date(clock.now()).toISOString().slice(0, 19)
    if (quality === 2) return [ok(`${now} UTC, synchronised`)]
    const found = quality === 1 ? 'not synchronised for hours' : 'never synchronised since the start'
    return [
      warn(
        `${now} UTC, ${found}`,
        'connect the network, and run: sudo timedatectl set-ntp true (with chrony name its marker, see systemClock)',
      ),
    ]
  },
}

/** Whether the disk takes writes, and for how long. */
export const diskCheck: Check = {
  name: 'disk',
  async run({ dir }) {
    const folder = dir ?? process.cwd()
    const probe = join(folder, `.doctor-${randomBytes(6).toString('hex')}`)
    try {
      const file = await open(probe, 'wx', 0o600)
      await file
        .writeFile(randomBytes(4096))
        .then(() => file.sync())
        .finally(() => file.close())
    } catch (error) {
      const why = errnoOf(error) ?? 'unknown'
      const remedy =
        why === 'EROFS'
          ? 'the file system is read-only: after a fault of the card it is; check it with fsck, or use another card'
          : why === 'ENOSPC'
            ? 'delete something: readings.keepDays in station.yaml limits the local files'
            : `make ${folder} a folder that you may write to`
      return [fail(`${folder} takes no writes: ${why}`, remedy)]
    } finally {
      await rm(probe, { force: true }).catch(() => undefined) // it was not made
    }
    const free = await diskFree(folder)
    if (free === null) return [ok(`${folder} takes writes`)]
    const text = `${folder} takes writes, ${bytesText(free)} free`
    return [free < MIN_FREE_BYTES ? warn(text, 'make room: rows are refused when the disk is full') : ok(text)]
  },
}

/** Whether the root file system is read-only. */
export const rootCheck: Check = {
  name: 'root',
  async run({ surroundings: { root }, dir }) {
    const mounts = await readText(join(root, '/proc/mounts'))
    const line = mounts?.split('\n').findLast((one) => one.split(' ')[1] === '/')
    if (line === undefined) return [skipped('this system does not say how / is mounted')]
    const isReadOnly = (line.split(' ')[3] ?? '').split(',').includes('ro')
    if (!isReadOnly) return [ok('/ is writable')]
    const where = dir === null ? 'the station' : dir
    return [warn('/ is read-only', `that spares the card, if ${where} lies on another file system: see disk`)]
  },
}

/** Whether the supply is strong enough. */
export const supplyCheck: Check = {
  name: 'supply',
  async run({ surroundings: { root } }) {
    const supply = await supplyOf(root)
    if (supply === null) return [skipped('this computer does not say how its supply is (a Raspberry Pi does)')]
    const remedy =
      'use the supply of the Pi itself and a short cable: too little voltage damages cards and resets boards'
    if (supply.isLow) return [fail('the supply is too low now', remedy)]
    return supply.wasLow === true ? [warn('the supply was too low since the start', remedy)] : [ok('good')]
  },
}
