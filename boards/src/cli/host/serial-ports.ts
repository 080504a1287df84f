/**
 * Serial ports of this computer, from /dev and /sys: no udev, and nothing is opened, so that no board is reset. Links below
 * /dev/serial/by-id keep their name when the plug is moved.
 */
import { constants } from 'node:fs'
import { access, readdir, readFile, realpath } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { type Holder, holdersOf } from './holders.ts'

/** A serial port. */
export interface PortInfo {
  /** `/dev/ttyACM0`. */
  readonly path: string
  /** Below /dev/serial/by-id and by-path; null without udev. */
  readonly byId: string | null
  readonly byPath: string | null
  /** USB ids, four hexadecimal digits; null for a port that is not on USB. */
  readonly vendorId: string | null
  readonly productId: string | null
  readonly product: string | null
  readonly serialNumber: string | null
  /** Driver in the kernel: `cdc_acm`, `ch341`. */
  readonly driver: string | null
  /** Whether this user may read and write it. */
  readonly isUsable: boolean
  readonly holders: readonly Holder[]
}

/** On USB, or the UART of a Pi. The many ttyS of a PC are not. */
const NAMES = /^tty(ACM|USB|AMA)\d+$/

/** All ports, by path. @param root folder that stands for `/` */
export async function listSerialPorts(root: string): Promise<readonly PortInfo[]> {
  const names = (await entries(join(root, '/sys/class/tty'))).filter((name) => NAMES.test(name)).sort()
  const [ids, paths] = await Promise.all([links(root, '/dev/serial/by-id'), links(root, '/dev/serial/by-path')])
  const holders = await holdersOf(root, new Set(names.map((name) => `/dev/${name}`)))
  return await Promise.all(
    names.map(async (name) => {
      const path = `/dev/${name}`
      return {
        path,
        byId: ids.get(name) ?? null,
        byPath: paths.get(name) ?? null,
        ...(await deviceOf(join(root, '/sys/class/tty', name, 'device'))),
        isUsable: await isUsable(join(root, path)),
        holders: holders.get(path) ?? [],
      }
    }),
  )
}

/** Path of the device behind a path that may be a link; the same path when there is nothing. */
export async function devicePath(root: string, path: string): Promise<string> {
  const real = await realpath(join(root, path)).catch(() => join(root, path))
  return real.startsWith(join(root, '/dev/')) ? `/${real.slice(join(root, '/').length)}` : path
}

type Device = Pick<PortInfo, 'vendorId' | 'productId' | 'product' | 'serialNumber' | 'driver'>

async function deviceOf(link: string): Promise<Device> {
  const device = await realpath(link).catch(() => null)
  const none: Device = { vendorId: null, productId: null, product: null, serialNumber: null, driver: null }
  if (device === null) return none
  const driver = await realpath(join(device, 'driver')).then(basename, () => null)
  // The ids stand a few folders further up, at the USB device.
  for (let at = device, up = 0; up < 6 && at !== dirname(at); at = dirname(at), up++) {
    const vendorId = await line(join(at, 'idVendor'))
    if (vendorId === null) continue
    const [productId, product, serialNumber] = await Promise.all(
      ['idProduct', 'product', 'serial'].map((name) => line(join(at, name))),
    )
    return {
      vendorId,
      productId: productId ?? null,
      product: product ?? null,
      serialNumber: serialNumber ?? null,
      driver,
    }
  }
  return { ...none, driver }
}

/** Links of a folder by the name of what they lead to. */
async function links(root: string, folder: string): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>()
  for (const name of (await entries(join(root, folder))).sort()) {
    const target = await realpath(join(root, folder, name)).catch(() => null)
    if (target !== null && !found.has(basename(target))) found.set(basename(target), join(folder, name))
  }
  return found
}

async function entries(folder: string): Promise<string[]> {
  return await readdir(folder).catch(() => []) // absent: there are none
}

async function line(path: string): Promise<string | null> {
  return await readFile(path, 'utf8').then(
    (text) => text.trim(),
    () => null,
  )
}

async function isUsable(path: string): Promise<boolean> {
  return await access(path, constants.R_OK | constants.W_OK).then(
    () => true,
    () => false,
  )
}
