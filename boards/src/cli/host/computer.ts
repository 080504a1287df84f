/** What this computer says of itself: temperature, supply, disk. Null where it does not say. */
import { readdir, readFile, statfs } from 'node:fs/promises'
import { join } from 'node:path'

/** Temperature of the processor in °C. @param root folder that stands for `/` */
export async function cpuTemperature(root: string): Promise<number | null> {
  const text = await readText(join(root, '/sys/class/thermal/thermal_zone0/temp'))
  return text === null || !/^-?\d+$/.test(text) ? null : Number(text) / 1000
}

/** What a Raspberry Pi says of its supply. */
export interface Supply {
  readonly isLow: boolean
  /** Since it was started; null where only the moment is known. */
  readonly wasLow: boolean | null
}

const LOW_NOW = 0x1
const LOW_BEFORE = 0x10000

/** Supply of a Raspberry Pi; null elsewhere. */
export async function supplyOf(root: string): Promise<Supply | null> {
  const bits = await readText(join(root, '/sys/devices/platform/soc/soc:firmware/get_throttled'))
  if (bits !== null && /^[0-9a-f]{1,8}$/i.test(bits)) {
    const value = Number.parseInt(bits, 16)
    return { isLow: (value & LOW_NOW) !== 0, wasLow: (value & LOW_BEFORE) !== 0 }
  }
  for (const name of await readdir(join(root, '/sys/class/hwmon')).catch(() => [])) {
    const folder = join(root, '/sys/class/hwmon', name)
    if ((await readText(join(folder, 'name'))) !== 'rpi_volt') continue
    return { isLow: (await readText(join(folder, 'in0_lcrit_alarm'))) === '1', wasLow: null }
  }
  return null
}

/** Free bytes for this user where a path is. */
export async function diskFree(path: string): Promise<number | null> {
  return await statfs(path).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => null,
  )
}

/** A small file of the kernel, trimmed; null when it is not there. */
export async function readText(path: string): Promise<string | null> {
  return await readFile(path, 'utf8').then(
    (text) => text.trim(),
    () => null,
  )
}
