/** Checks of the serial ports: nothing is opened. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { othersAt } from '../host/board-access.ts'
import { readText } from '../host/computer.ts'
import { devicePath, listSerialPorts, type PortInfo } from '../host/serial-ports.ts'
import { isThere } from '../station/station-folder.ts'
import { type Check, type Finding, fail, ok, skipped, warn } from './finding.ts'

type Found = Omit<Finding, 'check'>

/** Whether the port is there, and this user may use it. */
export const portCheck: Check = {
  name: 'port',
  async run({ surroundings: { root, env }, port, dir }) {
    const ports = await listSerialPorts(root)
    if (port === null) {
      const names = ports.map(({ path, byId }) => byId ?? path).join(', ')
      const text = ports.length === 0 ? 'no port is set, and none is plugged in' : `no port is set; there are ${names}`
      return [
        dir === null ? skipped(text) : fail(text, 'plug the board in, and put its path into station.yaml as port'),
      ]
    }
    const path = await devicePath(root, port)
    const found = ports.find((one) => one.path === path)
    if (found === undefined && path.startsWith('/dev/pts/')) return [ok(`${port} is a terminal of an emulated board`)]
    if (found === undefined && (await isThere(join(root, port)))) {
      return [
        warn(`${port} is there, and no serial port that the kernel lists`, 'use one that `fieldproof ports` lists'),
      ]
    }
    if (found === undefined) {
      const remedy = 'plug the board in with a cable that carries data; `fieldproof ports` lists what is there'
      return [fail(`${port} is not there`, remedy)]
    }
    if (!found.isUsable) {
      const user = env['USER'] ?? '$USER'
      return [fail(`you may not use ${port}`, `sudo usermod -aG dialout ${user}, then log in again`)]
    }
    return [nameFinding(port, found)]
  },
}

function nameFinding(port: string, { byId, byPath }: PortInfo): Found {
  const stable = byId ?? byPath
  if (port.startsWith('/dev/serial/') || stable === null) return ok(`${port} is there`)
  return warn(`${port} may have another name after the next start`, `use ${stable}`)
}

/** Who else has the port open. */
export const holderCheck: Check = {
  name: 'holder',
  async run({ surroundings: { root }, port }) {
    if (port === null) return [skipped('no port is set')]
    const others = await othersAt(root, port)
    if (others.length === 0) return [ok('nobody that this user can see has the port open')]
    const names = others.map(({ pid, command }) => `${command} (${pid})`).join(', ')
    return [
      warn(
        `the port is held by ${names}`,
        'if that is not the station, end it: two programs get half of the bytes each',
      ),
    ]
  },
}

/** Programs that take serial ports for something else. */
const TAKERS = [
  {
    command: 'brltty',
    why: 'brltty takes boards with CH340 and CP210x for Braille displays',
    remedy: 'sudo apt remove brltty, unless you need it; then plug the board in again',
    drivers: ['ch341', 'cp210x'],
  },
  {
    command: 'ModemManager',
    why: 'ModemManager talks to new serial ports as if they were modems',
    remedy: 'sudo systemctl disable --now ModemManager, unless this computer has a modem',
    drivers: [],
  },
] as const

/** Whether such a program runs. */
export const takersCheck: Check = {
  name: 'takers',
  async run({ surroundings: { root } }) {
    const commands = await runningCommands(root)
    const drivers = new Set((await listSerialPorts(root)).map(({ driver }) => driver))
    const found = TAKERS.filter(({ command }) => commands.has(command)).map(({ why, remedy, drivers: taken }) =>
      taken.some((driver) => drivers.has(driver)) ? fail(why, remedy) : warn(why, remedy),
    )
    return found.length > 0 ? found : [ok('neither brltty nor ModemManager runs')]
  },
}

async function runningCommands(root: string): Promise<ReadonlySet<string>> {
  const pids = (await readdir(join(root, '/proc')).catch(() => [])).filter((name) => /^\d+$/.test(name))
  const commands = await Promise.all(pids.map((pid) => readText(join(root, '/proc', pid, 'comm'))))
  return new Set(commands.filter((command) => command !== null))
}

/** Whether two boards cannot be told apart by name. */
export const twinsCheck: Check = {
  name: 'twins',
  async run({ surroundings: { root }, port }) {
    const seen = new Map<string, PortInfo[]>()
    for (const one of await listSerialPorts(root)) {
      if (one.vendorId === null) continue
      const id = `${one.vendorId}:${one.productId} ${one.serialNumber ?? 'without a serial number'}`
      seen.set(id, [...(seen.get(id) ?? []), one])
    }
    const twins = [...seen].filter(([, ports]) => ports.length > 1)
    if (twins.length === 0) return [ok('every board has an id of its own')]
    return twins.map(([id, ports]) => {
      const names = ports.map(({ path, byPath }) => byPath ?? path).join(', ')
      const what = `${ports.length} boards with the same id (${id})`
      return port?.startsWith('/dev/serial/by-path/')
        ? ok(`${what}, told apart by their plugs`)
        : warn(what, `name them by their plugs: ${names}`)
    })
  },
}
