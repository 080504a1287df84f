/** What the demo remembers between starts: when and as which version it began, and the ports that others know it by. */
import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { FieldproofError } from '@fieldproof/sdk/base'
import type { DemoOptions } from './options.ts'

/** Ports of the three servers. */
export type DemoPorts = Pick<DemoOptions, 'mqttPort' | 'httpPort' | 'rpcPort'>

/** Raise it when a folder of the version before can no longer be gone on with. */
export const DEMO_FORMAT = 1

/** The file's content. */
export interface DemoMemory {
  /** {@link DEMO_FORMAT} of the version that made the folder; 0 where it did not say. */
  readonly format: number
  /** Ms since 1970. */
  readonly startedAt: number
  /** MachineRegistry that the folder's chain has, `0x` hex; null where it was not said. */
  readonly registry: string | null
  readonly ports: DemoPorts | null
}

/** What an earlier start wrote, or null at the first. @throws FieldproofError `file-unreadable` */
export async function readMemory(path: string): Promise<DemoMemory | null> {
  const text = await readFile(path, 'utf8').catch(() => null) // not there: the first start
  if (text === null) return null
  try {
    const { format = 0, startedAt, registry = null, ports = null } = JSON.parse(text) as Partial<DemoMemory>
    if (typeof startedAt === 'number') return { format, startedAt, registry, ports }
  } catch {
    // Torn by a power cut; the sentence below says what to do, the parser's would not.
  }
  throw new FieldproofError('file-unreadable', `${path} does not say when the demo was first started`)
}

/**
 * Stops before a folder is touched that this version cannot go on with: its stations are pinned to the contracts on its
 * chain, and other code has other addresses.
 * @param registry the one that this version deploys, `0x` hex
 * @throws FieldproofError `config-invalid` with `facts.folder`
 */
export function assertSameVersion(folder: string, before: DemoMemory, registry: string): void {
  if (before.format === DEMO_FORMAT && before.registry === registry) return
  const other = before.format < DEMO_FORMAT ? 'an earlier' : before.format > DEMO_FORMAT ? 'a later' : 'another'
  const why =
    before.format === DEMO_FORMAT
      ? `its registry is ${before.registry}, this version's ${registry}`
      : `its format is ${before.format}, this version's ${DEMO_FORMAT}`
  throw new FieldproofError(
    'config-invalid',
    `this folder was made by ${other} version of the demo (${why}): move ${folder} away to start over`,
    { facts: { folder } },
  )
}

/** Writes the file. */
export async function writeMemory(path: string, memory: DemoMemory): Promise<void> {
  await writeFile(path, `${JSON.stringify(memory)}\n`, { mode: 0o600 })
}

/** Ports to use: the given ones, else the remembered ones where they are free, else any. */
export async function choosePorts(given: DemoPorts, remembered: DemoPorts | null): Promise<DemoPorts> {
  const choose = async (name: keyof DemoPorts): Promise<number> => {
    if (given[name] !== 0) return given[name]
    const before = remembered?.[name]
    return typeof before === 'number' && (await isFree(before)) ? before : 0
  }
  return { mqttPort: await choose('mqttPort'), httpPort: await choose('httpPort'), rpcPort: await choose('rpcPort') }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
