/** Packs a workspace as `npm publish` would, and reads what is in it. */
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { mustRun } from './run.mjs'

/** @returns the package with its `tarball`, that file's `packedBytes`, and its content as `unpacked` says */
export function pack(root, one, into) {
  const cwd = join(root, one.folder)
  const [{ filename }] = packResults(mustRun('npm', ['pack', '--json', '--pack-destination', into], { cwd }))
  const tarball = join(into, filename)
  const folder = join(into, filename.replace(/\.tgz$/, ''))
  mkdirSync(folder)
  mustRun('tar', ['-xzf', tarball, '-C', folder])
  return { ...one, ...unpacked(join(folder, 'package')), tarball, packedBytes: statSync(tarball).size }
}

/** One entry a package: npm writes a list, newer versions an object by name. */
function packResults(json) {
  return Object.values(JSON.parse(json))
}

/** @returns `manifest`, and `files`: Map from a path with `/` to its bytes */
export function unpacked(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const paths = entries.map((entry) => join(entry.parentPath, entry.name)).sort()
  const files = new Map(paths.map((path) => [relative(folder, path).split(sep).join('/'), readFileSync(path)]))
  return { manifest: JSON.parse(files.get('package.json').toString()), files }
}
