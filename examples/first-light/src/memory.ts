/** What the demo remembers between starts: when it began, and the ports that stations and trust files know it by. */
import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { FieldproofError } from '@fieldproof/sdk/base'
import type { DemoOptions } from './options.ts'

/** Ports of the three servers. */
export type DemoPorts = Pick<DemoOptions, 'mqttPort' | 'httpPort' | 'rpcPort'>

/** The file's content. */
export interface DemoMemory {
  /** Ms since 1970. */
  readonly startedAt: number
  readonly ports: DemoPorts | null
}

/** What an earlier start wrote, or null at the first. @throws FieldproofError `file-unreadable` */
export async function readMemory(path: string): Promise<DemoMemory | null> {
  const text = await readFile(path, 'utf8').catch(() => null) // not there: the first start
  if (text === null) return null
  try {
    const { startedAt, ports } = JSON.parse(text) as Partial<DemoMemory>
    if (typeof startedAt === 'number') return { startedAt, ports: ports ?? null }
  } catch {
    // Torn by a power cut; the sentence below says what to do, the parser's would not.
  }
  throw new FieldproofError('file-unreadable', `${path} does not say when the demo was first started`)
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
