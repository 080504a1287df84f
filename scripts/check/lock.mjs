/** The lock file installs from any registry, and no file says on which computer it was written. */
import { listFiles, readText } from './files.mjs'

/** Roots of places that exist on one computer only. Put together here, so that this file is not a finding itself. */
const PLACES = ['work', 'root', 'home', 'Users', 'tmp'].map((name) => `/${name}/`)
const MACHINE_PATH = new RegExp(`(?<![\\w.@*~})/-])(${PLACES.join('|')})[\\w.]`)
const REGISTRIES = [
  ['registry', 'npmjs', 'org'],
  ['registry', 'yarnpkg', 'com'],
  ['npm', 'pkg', 'github', 'com'],
].map((labels) => labels.join('.'))
const BINARY = /\.(png|jpg|gif|ico|woff2?|pdf|fpproof|bin|hex)$/

export function checkLock(root) {
  const files = listFiles(root).filter((path) => !BINARY.test(path))
  return files.flatMap((path) => {
    const lines = readText(root, path).split('\n')
    return lines.flatMap((line, i) => lineFindings(path, line).map((what) => `${path}:${i + 1}: ${what}`))
  })
}

function lineFindings(path, line) {
  const findings = []
  if (/(^|\/)package-lock\.json$/.test(path) && /"resolved": "http/.test(line)) findings.push('a download address')
  if (/(^|\/)\.npmrc$/.test(path) && /^\s*(@[^:]+:)?registry\s*=/.test(line)) findings.push('sets a registry')
  const place = MACHINE_PATH.exec(line)
  if (place !== null) findings.push(`a path of one computer (${place[1]})`)
  const host = REGISTRIES.find((name) => line.includes(name))
  if (host !== undefined) findings.push('the address of a package registry')
  return findings
}
