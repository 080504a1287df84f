/**
 * What may be in a package, judged by its files alone.
 *
 * The sources are shipped beside what is built from them. Source maps and declaration maps then lead somewhere, whoever relies on
 * a verifier can read the one that runs, and the condition `@fieldproof/source` in "exports" names files that exist: a bundler
 * that sets it gets the sources. Their tsconfig.json stay behind, because they extend a file that is not in the package.
 */
import { posix } from 'node:path'

/** Bytes of all files of a package, unpacked. Raise one knowingly: it is what every station downloads. */
const MAX_BYTES = {
  '@fieldproof/sdk': 2_000_000,
  '@fieldproof/gateway': 1_600_000,
  '@fieldproof/boards': 1_800_000,
  '@fieldproof/device-sim': 1_500_000,
  '@fieldproof/schemas': 3_000_000, // the vectors; no station downloads them
}
const DEFAULT_MAX_BYTES = 2_000_000

/** Files for developing a package, not for using it. */
const DEVELOPMENT =
  /(^|\/)(test|tests|bench|node_modules|\.tsbuildinfo)\/|\.(test|spec|bench)\.\w+$|(^|\/)(tsconfig|vitest|biome)[^/]*$|\.tsbuildinfo$/

/** What must never leave a developer's computer, by name and by content. */
const SECRET_FILE = /(^|\/)(\.env[^/]*|\.npmrc|id_[a-z0-9]+|[^/]*\.(pem|key|p12|pfx))$/
const SECRETS = [
  ['a private key', /-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/]{16}/],
  ['a registry token', /\bnpm_[A-Za-z0-9]{36}\b|:_auth(Token)?\s*=/],
  ['a repository token', /\b(gh[opsu]_[A-Za-z0-9]{36}|github_pat_\w{22,}|glpat-[\w-]{20})\b/],
  ['a cloud key', /\bAKIA[0-9A-Z]{16}\b/],
]

/**
 * @param one    `manifest`, and `files`: Map from a path with `/` to its bytes
 * @param places paths of this computer that no file may name
 * @returns findings, one line each
 */
export function contentFindings({ manifest, files }, places) {
  return [
    ...documentFindings(manifest, files),
    ...targetFindings(manifest, files),
    ...[...files].flatMap(([path, bytes]) => fileFindings(path, bytes.toString('latin1'), files, places)),
    ...sizeFindings(manifest, files),
  ]
}

/** Size of all files. */
export function sizeBytes(files) {
  return [...files.values()].reduce((sum, bytes) => sum + bytes.length, 0)
}

function documentFindings(manifest, files) {
  if (manifest.private === true) return []
  const wanted = ['README.md', 'LICENSE'].filter((path) => !files.has(path)).map((path) => `has no ${path}`)
  const fields = ['description', 'license', 'engines', 'files'].filter((field) => manifest[field] === undefined)
  return [...wanted, ...fields.map((field) => `package.json has no "${field}"`)]
}

/** Everything that package.json names is there, and a program begins with the line that runs it. */
function targetFindings(manifest, files) {
  const programs = Object.values(manifest.bin ?? {}).map((target) => posix.normalize(target))
  const targets = [...exportTargets(manifest.exports), ...programs]
  const missing = targets.filter((target) => !files.has(target))
  const unrunnable = programs.filter((path) => files.has(path) && !files.get(path).toString().startsWith('#!'))
  return [
    ...[...new Set(missing)].map((target) => `package.json names ${target}, which is not in the package`),
    ...unrunnable.map((path) => `${path}: a program without a #! line`),
  ]
}

function exportTargets(exports = {}) {
  return Object.values(exports).flatMap((target) =>
    typeof target === 'string' ? [posix.normalize(target)] : exportTargets(target),
  )
}

function fileFindings(path, text, files, places) {
  const place = places.find((one) => text.includes(one))
  return [
    DEVELOPMENT.test(path) ? 'is not for users' : [],
    SECRET_FILE.test(path) ? 'has the name of a secret' : [],
    SECRETS.filter(([, pattern]) => pattern.test(text)).map(([what]) => `holds ${what}`),
    place === undefined ? [] : 'names a path of this computer',
    path.endsWith('.map') ? mapFindings(path, text, files) : [],
    builtFindings(path, text, files),
  ]
    .flat()
    .map((what) => `${path}: ${what}`)
}

/** A map whose sources are neither in it nor in the package leads nowhere. */
function mapFindings(path, text, files) {
  const { sourceRoot = '', sources = [], sourcesContent = [] } = JSON.parse(text)
  const place = (source) => posix.join(posix.dirname(path), sourceRoot, source)
  const lost = sources.filter((source, i) => typeof sourcesContent[i] !== 'string' && !files.has(place(source)))
  return lost.map((source) => `its source ${source} is not in the package`)
}

/** A build never deletes: what is left of a source that is gone would be published with the rest. */
function builtFindings(path, text, files) {
  const built = /^dist\/(.+?)(\.d\.ts|\.js)$/.exec(path)
  if (built === null) return []
  const stale = files.has(`src/${built[1]}.ts`)
    ? []
    : ['is built from a source that is gone: remove dist and build again']
  const map = /^\/\/# sourceMappingURL=(\S+)\s*$/m.exec(text)?.[1]
  const isLost = map !== undefined && !map.startsWith('data:') && !files.has(posix.join(posix.dirname(path), map))
  return isLost ? [...stale, `its map ${map} is not in the package`] : stale
}

function sizeFindings({ name }, files) {
  const limit = MAX_BYTES[name] ?? DEFAULT_MAX_BYTES
  const size = sizeBytes(files)
  return size <= limit ? [] : [`${size} bytes unpacked, over ${limit} (scripts/pack/contents.mjs)`]
}
