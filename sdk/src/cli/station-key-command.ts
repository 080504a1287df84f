/** `fieldproof key show|backup|restore`: the key of a station's folder. */
import { machineIdOf, toHex } from '../base/index.ts'
import { encodeCoseKey, thumbprint } from '../crypto/index.ts'
import { nativeHash } from '../native/index.ts'
import { type BackupContent, backupStation, restoreStation } from '../node/backup.ts'
import { openKeyFile } from '../node/key-file.ts'
import { stationFiles } from '../node/station-files.ts'
import { type Context, parseOptions } from './command.ts'
import { passphraseOf } from './passphrase.ts'

type Action = (args: readonly string[], context: Context) => Promise<number>

/** Actions by name; a command line that begins with one, and says more, is theirs. */
export const STATION_KEY_ACTIONS: Readonly<Record<string, Action>> = Object.freeze({ show, backup, restore })

/** Help of these actions. */
export const STATION_KEY_HELP = `fieldproof key show DIR [--json]
fieldproof key backup DIR FILE [--passphrase-file FILE] [--json]
fieldproof key restore FILE DIR [--passphrase-file FILE] [--json]

Of a station's folder. backup writes one file: the key, encrypted under a passphrase (PKCS#8, scrypt), the pinned gateway and station.yaml. Keep it
elsewhere: when the card dies nothing else brings the machine back. restore makes a new folder of it; the machine then goes on after the
newest statement that its gateway holds, and signs nothing before it has reached it. Rows that the gateway had not got are lost with the card. Never run two copies at once.

  fieldproof key backup porch porch.backup
  fieldproof key restore porch.backup porch --passphrase-file secret.txt`

async function show(args: readonly string[], context: Context): Promise<number> {
  const { values, positionals } = parseOptions(args, { json: { type: 'boolean' } }, 1)
  const facts = await machineFacts(stationFiles(String(positionals[0])).key)
  tell(context, values['json'] === true, facts, linesOf(facts))
  return 0
}

/** Public facts of a machine's key file. */
export async function machineFacts(path: string): Promise<Readonly<Record<string, string>>> {
  const signer = await openKeyFile(path)
  const print = thumbprint(signer, nativeHash)
  return { machine: machineIdOf(print), thumbprint: toHex(print), coseKey: toHex(encodeCoseKey(signer)) }
}

/** Facts for people, one a line. */
export function linesOf(facts: Readonly<Record<string, string>>): string {
  return Object.entries(facts)
    .map(([name, value]) => `${(name === 'coseKey' ? 'COSE_Key' : name).padEnd(12)}${value}`)
    .join('\n')
}

const OPTIONS = { 'passphrase-file': { type: 'string' }, json: { type: 'boolean' } } as const

async function backup(args: readonly string[], context: Context): Promise<number> {
  const { values, positionals } = parseOptions(args, OPTIONS, 2)
  const [dir, file] = positionals.map(String) as [string, string]
  const passphrase = await passphraseOf(textOf(values['passphrase-file']), true)
  const content = await backupStation(dir, file, passphrase)
  tell(
    context,
    values['json'] === true,
    { file, ...content },
    `${file}: key of machine ${content.machine}${extras(content)}`,
  )
  return 0
}

async function restore(args: readonly string[], context: Context): Promise<number> {
  const { values, positionals } = parseOptions(args, OPTIONS, 2)
  const [file, dir] = positionals.map(String) as [string, string]
  const passphrase = await passphraseOf(textOf(values['passphrase-file']), false)
  const content = await restoreStation(file, dir, passphrase)
  tell(context, values['json'] === true, { dir, ...content }, `${dir}: machine ${content.machine}${extras(content)}`)
  return 0
}

function extras({ hasGateway, hasSettings }: BackupContent): string {
  return `${hasGateway ? ', its gateway' : ''}${hasSettings ? ', its settings' : ''}`
}

function tell(context: Context, json: boolean, facts: object, text: string): void {
  context.print(json ? JSON.stringify(facts) : text)
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
