/** `fieldproof flash`: puts our firmware on a board, or says how. */
import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { FieldproofError } from '@fieldproof/sdk/base'
import { parseOptions, printableJson, usageError } from '@fieldproof/sdk/cli'
import { expectFree } from './host/board-access.ts'
import { packagedFirmware } from './host/firmware.ts'
import { listSerialPorts } from './host/serial-ports.ts'
import { shellWord } from './host/shell-word.ts'
import type { StationCommand, Surroundings } from './surroundings.ts'

/** The command. */
export const flashCommand: StationCommand = {
  name: 'flash',
  summary: "put Fieldproof's firmware on an Arduino Uno",
  help: `fieldproof flash [--port PORT] [--tool avrdude|arduino-cli] [--run] [--json]

Prints the command that puts the firmware of this package on an Arduino Uno; its digest is checked first. With --run it runs it, if the tool
is installed. Without --port the only serial port is taken, if there is only one. Stop a running station before.

  fieldproof flash --port /dev/serial/by-id/usb-Arduino-if00 --run`,
  async run(args, surroundings) {
    const { values } = parseOptions(args, OPTIONS, 0)
    const port = typeof values['port'] === 'string' ? values['port'] : await onlyPort(surroundings)
    const firmware = await packagedFirmware()
    const installed = await installedTools(surroundings.env['PATH'] ?? '')
    const tool = toolOf(values['tool'], installed)
    const command = [tool, ...TOOLS[tool](port, firmware.hex)]
    const isRun = values['run'] === true
    if (values['json'] === true)
      surroundings.print(printableJson({ port, ...firmware, tool, command, installed, isRun }))
    else surroundings.print(`# firmware ${firmware.buildId}\n${command.map(shellWord).join(' ')}`)
    if (!isRun) return 0
    if (!installed.includes(tool)) throw usageError(`--run: ${tool} is not installed: sudo apt install ${tool}`)
    await expectFree(surroundings.root, port)
    return await runTool(surroundings, command)
  },
}

const OPTIONS = {
  port: { type: 'string' },
  tool: { type: 'string' },
  run: { type: 'boolean' },
  json: { type: 'boolean' },
} as const

/** Arguments of each tool for an Uno with its usual bootloader. */
const TOOLS = {
  avrdude: (port: string, hex: string) => [
    '-p',
    'atmega328p',
    '-c',
    'arduino',
    '-b',
    '115200',
    '-P',
    port,
    '-D',
    '-U',
    `flash:w:${hex}:i`,
  ],
  'arduino-cli': (port: string, hex: string) => ['upload', '-b', 'arduino:avr:uno', '-p', port, '--input-file', hex],
} as const

type Tool = keyof typeof TOOLS

function isTool(value: unknown): value is Tool {
  return typeof value === 'string' && Object.hasOwn(TOOLS, value)
}

function toolOf(wanted: unknown, installed: readonly Tool[]): Tool {
  if (wanted === undefined) return installed[0] ?? 'avrdude'
  if (isTool(wanted)) return wanted
  throw usageError(`--tool: want ${Object.keys(TOOLS).join(' or ')}`)
}

async function installedTools(path: string): Promise<Tool[]> {
  const found: Tool[] = []
  for (const tool of Object.keys(TOOLS).filter(isTool)) {
    const places = path.split(delimiter).filter((folder) => folder !== '')
    const tries = places.map((folder) =>
      access(join(folder, tool), constants.X_OK).then(
        () => true,
        () => false,
      ),
    )
    if ((await Promise.all(tries)).includes(true)) found.push(tool)
  }
  return found
}

async function onlyPort({ root }: Surroundings): Promise<string> {
  const ports = await listSerialPorts(root)
  const [only] = ports
  if (only !== undefined && ports.length === 1) return only.byId ?? only.path
  throw usageError(
    `want --port: ${ports.length === 0 ? 'none is plugged in' : 'there are several'}; see \`fieldproof ports\``,
  )
}

async function runTool({ runProgram }: Surroundings, [program = '', ...args]: readonly string[]): Promise<number> {
  const code = await runProgram(program, args)
  if (code === 0) return 0
  throw new FieldproofError(
    'command-failed',
    `${program} ended with ${code}: check cable and port, and that the board is an Uno (a Nano with the old bootloader wants 57600)`,
    { facts: { program, code } },
  )
}
