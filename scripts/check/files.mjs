/** The repository's files, as every check sees them. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Paths of tracked files and of new ones that are not ignored, relative to the root, with `/`. */
export function listFiles(root) {
  const options = { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 26 }
  const output = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], options)
  const paths = [...new Set(output.split('\0'))].filter((path) => path !== '')
  return paths.filter((path) => existsSync(join(root, path))).sort() // a deleted file is listed until it is staged
}

/** Text of a file. */
export function readText(root, path) {
  return readFileSync(join(root, path), 'utf8')
}

/** Folders and manifests of all workspace packages. */
export function listPackages(root) {
  return listFiles(root)
    .filter((path) => /^(examples\/)?[^/]+\/package\.json$/.test(path))
    .map((path) => ({ folder: path.slice(0, -'/package.json'.length), manifest: JSON.parse(readText(root, path)) }))
}
