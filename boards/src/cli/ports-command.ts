/** `fieldproof ports`: what is plugged in. */
import { parseOptions, printable, printableJson } from '@fieldproof/sdk/cli'
import { listSerialPorts, type PortInfo } from './host/serial-ports.ts'
import type { StationCommand } from './surroundings.ts'

/** The command. */
export const portsCommand: StationCommand = {
  name: 'ports',
  summary: 'list serial ports, and who holds them',
  help: `fieldproof ports [--json]

Lists the serial ports of this computer: the name that stays when the plug is moved (give this one to --port), USB ids, driver, and
which program has it open. Nothing is opened, so no board is reset. With --json one document: {"ports": [...]}.

  fieldproof ports`,
  async run(args, surroundings) {
    const { values } = parseOptions(args, { json: { type: 'boolean' } }, 0)
    const ports = await listSerialPorts(surroundings.root)
    if (values['json'] === true) surroundings.print(printableJson({ ports }))
    else surroundings.print(ports.length === 0 ? NONE : ports.map(describe).join('\n'))
    return 0
  },
}

const NONE = 'No serial port. Plug the board in with a cable that carries data, and try `fieldproof doctor`.'

function describe(port: PortInfo): string {
  const { path, byId, byPath, vendorId, productId, product, driver, isUsable, holders } = port
  const facts = [
    vendorId === null ? null : `${vendorId}:${productId}`,
    product,
    driver,
    isUsable ? null : 'not usable by you',
    ...holders.map(({ pid, command }) => `held by ${command} (${pid})`),
  ].filter((fact) => fact !== null)
  const aliases = [byId, byPath].filter((alias) => alias !== null).map((alias) => `\n    ${alias}`)
  return printable(path).concat('  ', facts.map((fact) => printable(fact)).join(', '), ...aliases.map(String))
}
