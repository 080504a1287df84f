/** What is published exists after a build, every version is pinned, and every runtime dependency has its line in README.md. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { listPackages, readText } from './files.mjs'

const EXACT = /^\d+\.\d+\.\d+(-[\w.]+)?$/
/** Condition under which our own tests read the sources; consumers never set it. */
const SOURCE_CONDITION = '@fieldproof/source'

export function checkExports(root) {
  const packages = listPackages(root)
  const versions = new Map(packages.map(({ manifest }) => [manifest.name, manifest.version]))
  const all = [{ folder: 'the root package.json', manifest: JSON.parse(readText(root, 'package.json')) }, ...packages]
  return [
    ...packages.flatMap((one) => (one.manifest.private ? [] : targetFindings(root, one))),
    ...all.flatMap((one) => versionFindings(one, versions)),
    ...readmeFindings(root, packages, versions),
  ]
}

function targetFindings(root, { folder, manifest }) {
  const targets = [...exportTargets(manifest.exports), ...Object.values(manifest.bin ?? {})]
  const missing = targets.filter((target) => !existsSync(join(root, folder, target)))
  const untyped = Object.entries(manifest.exports ?? {}).filter(
    ([, target]) => typeof target === 'object' && !target.types,
  )
  return [
    ...[...new Set(missing)].map((target) => `${folder}: ${target} does not exist (after npm run build)`),
    ...untyped.map(([subpath]) => `${folder}: export ${subpath} has no types`),
    ...unshipped(folder, manifest, targets),
  ]
}

/** Every path below "exports", whatever its conditions. */
function exportTargets(exports = {}) {
  return Object.values(exports).flatMap((target) => (typeof target === 'string' ? [target] : exportTargets(target)))
}

/** Targets that exist here but would not be in the published package. */
function unshipped(folder, { files = [], exports = {} }, targets) {
  const sources = new Set(Object.values(exports).map((target) => target[SOURCE_CONDITION]))
  const shipped = [...files, 'package.json']
  const isShipped = (path) => shipped.some((entry) => path === entry || path.startsWith(`${entry}/`))
  const lost = targets.filter((target) => !sources.has(target) && !isShipped(target.replace(/^\.\//, '')))
  return [...new Set(lost)].map((target) => `${folder}: ${target} is not among "files"`)
}

function versionFindings({ folder, manifest }, versions) {
  const kinds = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies']
  const entries = kinds.flatMap((kind) => Object.entries(manifest[kind] ?? {}))
  return entries.flatMap(([name, version]) => {
    const own = versions.get(name)
    if (own !== undefined && version !== own) return [`${folder}: ${name} is at ${own} here, not ${version}`]
    return EXACT.test(version) ? [] : [`${folder}: ${name} is not pinned to one version (${version})`]
  })
}

function readmeFindings(root, packages, versions) {
  if (!existsSync(join(root, 'README.md'))) return ['README.md does not exist']
  const named = namesInTables(readText(root, 'README.md'))
  const published = packages.filter(({ manifest }) => !manifest.private)
  const names = published.flatMap(({ manifest: { dependencies = {}, optionalDependencies = {} } }) =>
    Object.keys({ ...dependencies, ...optionalDependencies }),
  )
  const foreign = [...new Set(names)].filter((name) => !versions.has(name))
  const unnamed = foreign.filter((name) => !named.has(name))
  return unnamed.map((name) => `README.md: no table says why ${name} is a dependency`)
}

/** Words in the first cell of every table row, without their marks. */
function namesInTables(text) {
  const cells = text.split('\n').flatMap((line) => /^\|([^|]*)\|/.exec(line)?.[1] ?? [])
  return new Set(cells.flatMap((cell) => cell.split(/[\s,]+/).map((word) => word.replace(/[`[\]]|\(.*\)$/g, ''))))
}
