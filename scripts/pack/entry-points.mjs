/** The subpaths of our packages, and whether an installed package exports there what the workspace does. */
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { lastLines, mustRun, run } from './run.mjs'

const NAMES = fileURLToPath(new URL('names.mjs', import.meta.url))

/** @returns the specifiers of everything that a package exports */
export function entryPoints({ name, exports = {} }) {
  return Object.keys(exports).map((subpath) => `${name}${subpath.slice(1)}`)
}

/**
 * Loads every entry point with plain Node, from the consumer and from the workspace.
 * @param way 'import' or 'require'
 */
export function nameFindings(packages, { consumer, env }, way) {
  const copy = join(consumer, 'names.mjs')
  copyFileSync(NAMES, copy)
  return packages.flatMap(({ manifest }) => {
    const specifiers = entryPoints(manifest)
    if (specifiers.length === 0) return []
    const ours = JSON.parse(mustRun(process.execPath, [NAMES, way, ...specifiers]))
    const { status, stdout, stderr } = run(process.execPath, [copy, way, ...specifiers], { cwd: consumer, env })
    if (status !== 0) return [`${manifest.name}: ${way} failed, exit code ${status}\n${lastLines(stderr)}`]
    const installed = JSON.parse(stdout)
    return specifiers.flatMap((specifier) => differences(specifier, ours[specifier], installed[specifier]))
  })
}

function differences(specifier, ours, installed) {
  const lost = ours.filter((name) => !installed.includes(name))
  const gained = installed.filter((name) => !ours.includes(name))
  return [
    ...(ours.length === 0 ? [`${specifier} exports nothing`] : []),
    ...lost.map((name) => `${specifier} has no ${name} when it is installed`),
    ...gained.map((name) => `${specifier} has ${name} only when it is installed`),
  ]
}
