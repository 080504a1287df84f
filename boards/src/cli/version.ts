/** Name and version of this package. */
import { readFile } from 'node:fs/promises'

/** As package.json states them: `@fieldproof/boards 1.2.3`. */
export async function softwareOf(): Promise<string> {
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8')
  const { name, version } = JSON.parse(text) as { readonly name?: unknown; readonly version?: unknown }
  return `${String(name)} ${String(version)}`
}
