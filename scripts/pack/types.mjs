/**
 * Type checks small programs against the installed packages, strictly and with every .d.ts that they reach: `skipLibCheck` is off,
 * so that a type that our declarations name and do not bring is found. They are the files of consumer/, and together they import
 * every entry point.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { scanImports } from '../check/import-scan.mjs'
import { entryPoints } from './entry-points.mjs'
import { lastLines, run } from './run.mjs'

const PROGRAMS = fileURLToPath(new URL('consumer', import.meta.url))
/** Sources of other people's types that must not reach a program which asks for none. */
const HOST_TYPES = /node_modules\/(@types\/|undici-types\/)|\/lib\.dom\b/
const SOURCE_CONDITION = '@fieldproof/source'

const STRICT = {
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  verbatimModuleSyntax: true,
  skipLibCheck: false,
  noEmit: true,
  target: 'es2023',
  lib: ['es2023'],
}

/** What each program may use besides the language. */
const HOSTS = {
  pure: { types: [] },
  node: { types: ['node'] },
  boards: { types: ['node'] },
  // viem's dependency ox names types of WebAuthn that only lib.dom has, and hono those of fetch.
  gateway: { types: ['node'], lib: ['es2023', 'dom'] },
}
const RESOLUTIONS = {
  nodenext: { module: 'nodenext', moduleResolution: 'nodenext' },
  bundler: { module: 'esnext', moduleResolution: 'bundler' },
}

/** @returns findings by package name */
export function typeFindings(packages, place) {
  const programs = readdirSync(PROGRAMS).map((file) => ({
    name: file.replace('.ts', ''),
    text: readFileSync(join(PROGRAMS, file), 'utf8'),
  }))
  for (const { name, text } of programs) writeFileSync(join(place.consumer, `${name}.ts`), text)
  return [
    ...unused(packages, programs),
    ...programs.flatMap(({ name }) =>
      Object.entries(RESOLUTIONS).flatMap(([resolution, options]) =>
        checkOne(place, `${name}, ${resolution}`, name, { ...options, ...HOSTS[name] }),
      ),
    ),
    // Whoever sets our own condition gets our sources, so they need what tsconfig.base.json gives them, and other people's
    // declarations that ours do not pass on: those of cbor-x name Buffer.
    ...checkOne(place, `pure, ${SOURCE_CONDITION}`, 'pure', {
      ...RESOLUTIONS.bundler,
      ...HOSTS.pure,
      customConditions: [SOURCE_CONDITION],
      allowImportingTsExtensions: true,
      lib: ['es2023', 'es2024.string'],
      skipLibCheck: true,
    }),
  ]
}

function unused(packages, programs) {
  const imported = new Set(programs.flatMap(({ text }) => scanImports(text).found.map(({ specifier }) => specifier)))
  const points = packages.flatMap(({ manifest }) => entryPoints(manifest)).filter((point) => !point.endsWith('.json'))
  return points
    .filter((point) => !imported.has(point))
    .map((point) => `no program of scripts/pack/consumer imports ${point}`)
}

function checkOne({ consumer, env }, title, program, options) {
  const project = join(consumer, 'tsconfig.json')
  writeFileSync(project, JSON.stringify({ compilerOptions: { ...STRICT, ...options }, files: [`${program}.ts`] }))
  const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc')
  const { status, stdout } = run(process.execPath, [tsc, '-p', project, '--listFiles'], { cwd: consumer, env })
  const lines = stdout.split('\n')
  const isFile = (line) => /^(\/|[A-Z]:).*\.(d\.[cm]?ts|ts|json)$/.test(line)
  const hosts = program === 'pure' ? lines.filter((line) => isFile(line) && HOST_TYPES.test(line)) : []
  const said = lastLines(lines.filter((line) => !isFile(line)).join('\n'))
  return [
    ...(status === 0 ? [] : [`${title}: exit code ${status}\n${said}`]),
    ...hosts.map((file) => `${title}: reads ${file.slice(file.lastIndexOf('node_modules'))}`),
  ]
}
