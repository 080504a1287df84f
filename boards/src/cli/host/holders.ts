/** Which processes have a device open, as far as this user may see: those of others are hidden unless it is root. */
import { readdir, readFile, readlink } from 'node:fs/promises'
import { join } from 'node:path'

/** A process. */
export interface Holder {
  readonly pid: number
  readonly command: string
}

/** Holders by path. @param root folder that stands for `/` */
export async function holdersOf(
  root: string,
  paths: ReadonlySet<string>,
): Promise<ReadonlyMap<string, readonly Holder[]>> {
  const found = new Map<string, Holder[]>()
  for (const name of await list(join(root, '/proc'))) {
    if (!/^\d+$/.test(name)) continue
    const folder = join(root, '/proc', name)
    const open = new Set<string>()
    for (const fd of await list(join(folder, 'fd'))) {
      const target = await readlink(join(folder, 'fd', fd)).catch(() => '')
      if (paths.has(target)) open.add(target)
    }
    if (open.size === 0) continue
    const command = (await readFile(join(folder, 'comm'), 'utf8').catch(() => '?')).trim()
    for (const path of open) found.set(path, [...(found.get(path) ?? []), { pid: Number(name), command }])
  }
  return found
}

async function list(folder: string): Promise<string[]> {
  return await readdir(folder).catch(() => []) // gone, or somebody else's
}
