/** What publint and Are The Types Wrong say about a tarball, and that nothing private can be published. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { lastLines, run } from './run.mjs'

/** Every message counts, also a suggestion. */
export async function publintFindings({ tarball }) {
  const bytes = readFileSync(tarball)
  const { messages, pkg } = await publint({ pack: { tarball: new Uint8Array(bytes).buffer }, strict: true })
  return messages.map((message) => `publint: ${message.code}: ${formatMessage(message, pkg, { color: false })}`)
}

/**
 * The profile `esm-only` leaves out two of the four ways in which TypeScript resolves a package:
 * - node10 does not read "exports". Node always does, and TypeScript 7 has no such resolution.
 * - node16 from CommonJS counts require() of an ES module as an error. Every Node that "engines" allows can do it, and the
 *   step "require" does it.
 *
 * A package without "exports" has nothing to import: it is data (schemas) or a program (examples), and is left out.
 */
export function attwFindings({ tarball, manifest }) {
  if (manifest.exports === undefined) return []
  const home = dirname(createRequire(import.meta.url).resolve('@arethetypeswrong/cli/package.json'))
  const options = ['--profile', 'esm-only', '--format', 'ascii', '--no-color', '--no-emoji']
  const { status, stdout, stderr } = run(process.execPath, [join(home, 'dist/index.js'), tarball, ...options])
  return status === 0 ? [] : [`attw: exit code ${status}\n${lastLines(wrongParts(stdout) || stdout + stderr)}`]
}

/** Of attw's report, the entry points that one of the judged resolutions does not take. */
function wrongParts(text) {
  const isWrong = (line) => /^(node16|bundler)/.test(line) && !/: (OK|\(ignored\))/.test(line)
  const parts = text.split(/^\*{5,}$/m).filter((part) => part.split('\n').some(isWrong))
  return parts.map((part) => part.trim()).join('\n')
}

/**
 * A private workspace is one that `npm publish` passes over, before it asks any registry; a dry run, so that a mistake here
 * publishes nothing. All others, and only they, are versioned together.
 */
export function privateFindings(root, { folder, manifest }) {
  const { fixed } = JSON.parse(readFileSync(join(root, '.changeset/config.json'), 'utf8'))
  const isPublic = fixed.flat().includes(manifest.name)
  if (isPublic === (manifest.private === true))
    return ['"private" does not agree with "fixed" in .changeset/config.json']
  if (isPublic) return []
  const { stdout, stderr } = run('npm', ['publish', '--dry-run', '--ignore-scripts', '--loglevel=notice'], {
    cwd: join(root, folder),
  })
  const isSkipped = /Skipping workspace .* marked as private/.test(stderr) && !stdout.includes(`+ ${manifest.name}@`)
  return isSkipped ? [] : [`npm publish did not pass it over\n${lastLines(stdout + stderr)}`]
}
