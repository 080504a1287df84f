/**
 * Nothing is compiled on a Raspberry Pi: every runtime package with native code or an install script brings what arm64 and armv7
 * need, or is optional. A new one is a finding until somebody has looked at it and said how it comes.
 */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { readText } from './files.mjs'

/**
 * How each comes: `inside` its own package as prebuilds, as `platform` packages that npm picks from, or `optional`, which means that we run
 * without it (`npm run check:packages` does so).
 */
const NATIVE = {
  '@serialport/bindings-cpp': { inside: ['prebuilds/linux-arm64', 'prebuilds/linux-arm'], armv7: /armv7\.glibc/ },
  libsql: { platform: ['@libsql/linux-arm64-gnu', '@libsql/linux-arm-gnueabihf'] },
  'cbor-extract': { optional: 'cbor-x decodes without it' },
  '@foundry-rs/anvil': {
    optional: 'the local chain of the demo; a station and a gateway with an RPC endpoint do without',
  },
}

export function checkNative(root) {
  const { packages } = JSON.parse(readText(root, 'package-lock.json'))
  const runtime = Object.entries(packages).filter(([path, one]) => path.includes('node_modules/') && one.dev !== true)
  const native = runtime.filter(([, one]) => one.hasInstallScript === true || platformsOf(one).length > 0)
  const names = new Map(native.map(([path, one]) => [path.split('node_modules/').pop(), one]))
  const unknown = [...names.keys()].filter((name) => NATIVE[name] === undefined && !isToolchain(name))
  return [
    ...unknown.map(
      (name) => `${name} has native code or an install script: say in scripts/check/native.mjs how it comes to a Pi`,
    ),
    ...Object.entries(NATIVE).flatMap(([name, how]) => findings(root, name, how, names.get(name), packages)),
  ]
}

function findings(root, name, { inside, armv7, platform, optional }, one, packages) {
  if (one === undefined) return [`${name} is no runtime dependency any more: take it out of scripts/check/native.mjs`]
  if (optional !== undefined) return one.optional === true ? [] : [`${name} is not optional`]
  const missing = (platform ?? []).filter((part) => packages[`node_modules/${part}`] === undefined)
  const folder = join(root, 'node_modules', name)
  const absent = (inside ?? []).filter((part) => !existsSync(join(folder, part)))
  const files =
    absent.length === 0 && inside !== undefined ? inside.flatMap((part) => readdirSync(join(folder, part))) : []
  const isArmv7 = armv7 === undefined || files.some((file) => armv7.test(file))
  return [...missing, ...absent, ...(isArmv7 ? [] : ['armv7'])].map((part) => `${name} has no build for ${part}`)
}

function platformsOf({ optionalDependencies = {} }) {
  return Object.keys(optionalDependencies).filter((name) => /(linux|arm64|x64)/.test(name))
}

/** An optional peer of viem, for its types. */
function isToolchain(name) {
  return name === 'typescript' || name.startsWith('@typescript/')
}
