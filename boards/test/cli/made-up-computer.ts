/** What a made-up computer shows of its ports and processes, below the folder that stands for `/`. */
import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { type Place, put } from './kit.ts'

/** A name that stays. */
export const BY_ID = '/dev/serial/by-id/usb-Arduino-if00'

/** Plugs a board of USB into the made-up computer. */
export function plugIn(place: Place, name = 'ttyACM0', { byId = BY_ID, driver = 'cdc_acm', serial = 'A1' } = {}): void {
  const usb = `/sys/devices/usb1/1-${name}`
  put(place.root, `${usb}/idVendor`, '2341\n')
  put(place.root, `${usb}/idProduct`, '0043\n')
  put(place.root, `${usb}/product`, 'Arduino Uno\n')
  if (serial !== '') put(place.root, `${usb}/serial`, `${serial}\n`)
  mkdirSync(join(place.root, `/sys/bus/usb/drivers/${driver}`), { recursive: true })
  mkdirSync(join(place.root, usb, 'if0'))
  symlinkSync(join(place.root, `/sys/bus/usb/drivers/${driver}`), join(place.root, usb, 'if0/driver'))
  mkdirSync(join(place.root, '/sys/class/tty', name), { recursive: true })
  symlinkSync(join(place.root, usb, 'if0'), join(place.root, '/sys/class/tty', name, 'device'))
  put(place.root, `/dev/${name}`, '')
  mkdirSync(join(place.root, '/dev/serial/by-id'), { recursive: true })
  if (byId !== '') symlinkSync(`../../${name}`, join(place.root, byId))
}

/** A process that has a file open. */
export function putProcess(place: Place, pid: number, command: string, file?: string): void {
  put(place.root, `/proc/${pid}/comm`, `${command}\n`)
  mkdirSync(join(place.root, `/proc/${pid}/fd`))
  if (file !== undefined) symlinkSync(file, join(place.root, `/proc/${pid}/fd/7`))
}

/** What `fieldproof doctor` found. */
export interface Found {
  readonly check: string
  readonly status: string
  readonly detail: string
  readonly remedy: string | null
}

/** Runs `fieldproof doctor`; a finding has a remedy exactly when something is to be done. */
export async function doctor(
  place: Place,
  ...args: string[]
): Promise<{ code: number; of: (check: string) => Found[] }> {
  const { code, out, err } = await place.run(['doctor', ...args, '--json'])
  if (out === '') expect.fail(err)
  const { findings } = JSON.parse(out) as { findings: Found[] }
  for (const { status, remedy } of findings) expect(remedy !== null).toBe(status === 'warn' || status === 'fail')
  return { code, of: (check) => findings.filter((one) => one.check === check) }
}
