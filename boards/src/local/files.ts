/** Names of the files below readings/: STREAM-YYYY-MM-DD.csv, and STREAM-YYYY-MM-DD-2.csv when the columns changed on that day. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { errnoOf, fileError } from '@fieldproof/sdk/node'

/** One file. */
export interface ReadingsFile {
  readonly name: string
  readonly stream: string
  /** Day of UTC, `2026-01-31`. */
  readonly day: string
  /** 1 for the first file of a day. */
  readonly part: number
}

const NAME = /^([a-z0-9][a-z0-9._-]*)-(\d{4}-\d{2}-\d{2})(?:-(\d{1,6}))?\.csv$/

/** Folder of the files of a station. */
export function readingsDir(dir: string): string {
  return join(dir, 'readings')
}

/** Day of UTC of a time, ms since 1970. */
export function dayOf(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 10)
}

/** Name of a file. */
export function fileName({ stream, day, part }: Omit<ReadingsFile, 'name'>): string {
  return `${stream}-${day}${part === 1 ? '' : `-${part}`}.csv`
}

/** Files of a station by day, then stream, then part; none when there is no folder yet. @throws FieldproofError `file-unreadable` */
export async function listReadings(dir: string): Promise<readonly ReadingsFile[]> {
  const folder = readingsDir(dir)
  const names = await readdir(folder).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return []
    throw fileError(error, folder, 'read')
  })
  return names.flatMap((name) => parseName(name)).sort(inOrder)
}

function parseName(name: string): ReadingsFile[] {
  const [, stream, day, part] = NAME.exec(name) ?? []
  return stream === undefined || day === undefined ? [] : [{ name, stream, day, part: Number(part ?? 1) }]
}

function inOrder(a: ReadingsFile, b: ReadingsFile): number {
  return compare(a.day, b.day) || compare(a.stream, b.stream) || a.part - b.part
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
