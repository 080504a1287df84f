/** Import directions (CONTRIBUTING.md, "Who may import what"): every import of every source file against the table of rooms. */
import { posix } from 'node:path'
import { listFiles, listPackages, readText } from './files.mjs'
import { scanImports } from './import-scan.mjs'
import { ROOMS } from './rooms.mjs'

const SOURCE = /\.(ts|mts|js|mjs)$/

export function checkImports(root) {
  const packages = listPackages(root)
  const shared = declared(JSON.parse(readText(root, 'package.json')))
  const sources = listFiles(root).filter((path) => SOURCE.test(path) && path.includes('/'))
  return sources.flatMap((path) => {
    const room = ROOMS.find(({ folder }) => path.startsWith(`${folder}/`))
    if (room === undefined) return [`${path}: stands in no room (scripts/check/rooms.mjs)`]
    const own = packages.find(({ folder }) => path.startsWith(`${folder}/`))
    return fileFindings(path, readText(root, path), room, { own, shared })
  })
}

function fileFindings(path, text, room, packages) {
  const { found, unread, computed } = scanImports(text)
  return [
    ...found.flatMap(({ specifier, line }) => {
      const why = refusal(path, specifier, room, packages)
      return why === null ? [] : [`${path}:${line}: imports ${specifier}: ${why}`]
    }),
    ...unread.map((line) => `${path}:${line}: an import that cannot be read`),
    ...(room.pure ? computed.map((line) => `${path}:${line}: a computed import in a pure layer`) : []),
  ]
}

/** Why a room may not import something, or null when it may. */
function refusal(path, specifier, room, packages) {
  if (specifier.startsWith('.')) return relativeRefusal(path, specifier, room)
  if (specifier.startsWith('#')) return mappedRefusal(specifier, room, packages)
  if (specifier.startsWith('/') || /^(file|data|https?):/.test(specifier))
    return 'neither a package nor a relative path'
  if (specifier.startsWith('node:')) return room.node ? null : `${room.folder} does not touch Node`
  if (specifier.startsWith('@fieldproof/')) return ownPackageRefusal(path, specifier, room, packages)
  const name = packageName(specifier)
  if (room.packages === 'declared')
    return isDeclared(name, path, packages) ? null : `${name} is not declared in package.json`
  return matches(name, room.packages ?? []) ? null : `${room.folder} may not use the package ${name}`
}

function relativeRefusal(path, specifier, room) {
  // dist/ is built from src/, and a test in sdk/test/x is a file of the room sdk
  const target = posix.join(posix.dirname(path), specifier).replace('/dist/', '/src/')
  const allowed = [room.folder, ...(room.rooms ?? [])]
  return allowed.some((place) => target === place || target.startsWith(`${place}/`))
    ? null
    : `${room.folder} may not see ${target}`
}

/** `imports` of package.json: every file that a condition may choose is held to the same rule. */
function mappedRefusal(specifier, room, { own }) {
  const files = leaves(own?.manifest.imports?.[specifier]).map((file) =>
    posix.join(own.folder, file).replace('/dist/', '/src/'),
  )
  if (files.length === 0) return `${specifier} is not in the imports of package.json`
  const allowed = [room.folder, ...(room.rooms ?? [])]
  const outside = files.find((file) => !allowed.some((place) => file.startsWith(`${place}/`)))
  return outside === undefined ? null : `${room.folder} may not see ${outside}`
}

function leaves(value) {
  if (typeof value === 'string') return [value]
  return Object.values(value ?? {}).flatMap(leaves)
}

function ownPackageRefusal(path, specifier, room, { own }) {
  const name = packageName(specifier)
  if (name === own?.manifest.name && isShipped(path, own)) return 'a package imports itself by relative paths'
  if (name !== '@fieldproof/sdk')
    return (room.fieldproof ?? []).includes(name) ? null : `${room.folder} may not use ${name}`
  const subpath = specifier.slice(name.length + 1)
  const allowed = room.sdk === true || (room.sdk ?? []).includes(subpath)
  return allowed ? null : `${room.folder} may not use ${specifier}`
}

function isDeclared(name, path, { own, shared }) {
  const manifest = own?.manifest ?? {}
  const { dependencies = {}, optionalDependencies = {} } = manifest
  if (Object.hasOwn(dependencies, name) || Object.hasOwn(optionalDependencies, name)) return true
  return !isShipped(path, own) && (shared.has(name) || declared(manifest).has(name))
}

/** What users run, unlike tests, benches and generators. */
function isShipped(path, own) {
  return own !== undefined && /^(src|bin|web)\//.test(path.slice(own.folder.length + 1))
}

function declared({ dependencies = {}, optionalDependencies = {}, devDependencies = {} }) {
  return new Set(Object.keys({ ...dependencies, ...optionalDependencies, ...devDependencies }))
}

function packageName(specifier) {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
}

function matches(name, patterns) {
  return patterns.some((p) => (p.endsWith('/*') ? name.startsWith(p.slice(0, -1)) : p === name))
}
