/** The version of the installed package. */
import { readFile } from 'node:fs/promises'

/** Version as package.json states it. */
export async function versionOf(): Promise<string> {
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8')
  return String((JSON.parse(text) as { version?: unknown }).version)
}
