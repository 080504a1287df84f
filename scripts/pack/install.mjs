/** An empty project that installs our tarballs as a user would, and what came with them. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { mustRun } from './run.mjs'

/** Parts that a package is faster with, but must not need. */
const OPTIONAL = ['cbor-extract', '@cbor-extract']

/** @returns what npm said */
export function install(packages, { consumer, env }) {
  mkdirSync(consumer)
  writeFileSync(join(consumer, 'package.json'), '{ "name": "consumer", "private": true, "type": "module" }\n')
  const tarballs = packages.map(({ tarball }) => tarball)
  return mustRun('npm', ['install', '--no-audit', '--no-fund', ...tarballs], { cwd: consumer, env }).trim()
}

/** Native code among the installed packages; a `build` folder would mean that something was compiled here. */
export function nativeFindings({ consumer }) {
  const compiled = nativeParts(consumer).filter((path) => path.includes('/build/'))
  return compiled.map((path) => `${path} was compiled, although there is no compiler`)
}

/** @returns paths of native modules below node_modules */
export function nativeParts(consumer) {
  const modules = join(consumer, 'node_modules')
  return readdirSync(modules, { recursive: true }).filter((path) => path.endsWith('.node'))
}

/** Removes the optional native parts. @returns the names of those that were there */
export function removeOptional({ consumer }) {
  const modules = join(consumer, 'node_modules')
  const there = readdirSync(modules).filter((name) => OPTIONAL.includes(name))
  for (const name of there) rmSync(join(modules, name), { recursive: true })
  return there
}

/**
 * Packages that a user gets in other versions than we test with: npm resolves the ranges of our dependencies' dependencies anew,
 * and neither our lock file nor `overrides` of ours reach a user.
 * @returns lines for people, no findings
 */
export function drift(root, { consumer }) {
  const ours = versionsOf(join(root, 'package-lock.json'))
  const theirs = versionsOf(join(consumer, 'node_modules/.package-lock.json'))
  return [...theirs].flatMap(([name, versions]) => {
    const known = ours.get(name) ?? new Set()
    const other = [...versions].filter((version) => !known.has(version))
    return other.map((version) => `${name} ${version}, ours ${[...known].join(', ') || 'has none'}`)
  })
}

/** All versions of every package in a lock file, but for our own, which are links there. */
function versionsOf(lock) {
  const { packages } = JSON.parse(readFileSync(lock, 'utf8'))
  const versions = new Map()
  for (const [path, { version }] of Object.entries(packages)) {
    const name = path.split('node_modules/').pop()
    if (!path.includes('node_modules/') || version === undefined || name.startsWith('@fieldproof/')) continue
    versions.set(name, (versions.get(name) ?? new Set()).add(version))
  }
  return versions
}
