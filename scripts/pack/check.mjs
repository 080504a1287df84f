/**
 * What we publish works where it is installed: `node scripts/pack/check.mjs`. Packs every workspace, reads the tarballs, installs
 * them in an empty project without a compiler, and then uses them there. Prints each step with its seconds, its findings, and a
 * line a package; exit code 1 if there is any finding.
 *
 *   --keep             keeps the temporary folder, and says where it is
 *   --unpacked FOLDER  only judges the files of one unpacked package
 */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { listPackages } from '../check/files.mjs'
import { bareEnvironment } from './bare-path.mjs'
import { contentFindings, sizeBytes } from './contents.mjs'
import { entryPoints, nameFindings } from './entry-points.mjs'
import { drift, install, nativeFindings, nativeParts, removeOptional } from './install.mjs'
import { mustRun } from './run.mjs'
import { pack, unpacked } from './tarball.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
const places = [root, `${homedir()}/`]
const { values } = parseArgs({ options: { keep: { type: 'boolean' }, unpacked: { type: 'string' } } })

let count = 0
if (values.unpacked === undefined) await checkAll()
else report(contentFindings(unpacked(values.unpacked), places))
process.exitCode = count === 0 ? 0 : 1

async function checkAll() {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'fieldproof-pack-'))
  try {
    const packages = await checkIn(folder)
    for (const one of packages) console.log(summary(one))
    console.log(count === 0 ? 'packages passed' : `${count} finding(s)`)
  } finally {
    if (values.keep) console.log(`kept: ${folder}`)
    else rmSync(folder, { recursive: true, force: true })
  }
}

/** The steps, in order; each needs what those before it made. */
async function checkIn(folder) {
  let packages = listPackages(root)
  await step(
    'build',
    () => void mustRun(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-b'], { cwd: root }),
  )
  await step('pack', () => {
    packages = packages.map((one) => pack(root, one, folder))
  })
  await step('contents', () => each(packages, (one) => contentFindings(one, places)))
  const { attwFindings, privateFindings, publintFindings } = await import('./lint.mjs')
  await step('publint', async () => each(packages, publintFindings))
  await step('are the types wrong', () => each(packages, attwFindings))
  await step('private', () => each(packages, (one) => privateFindings(root, one)))

  const place = { folder, consumer: join(folder, 'consumer'), env: bareEnvironment(join(folder, 'bin')) }
  await step('install without a compiler', () => {
    console.log(install(packages, place))
    console.log(`native: ${nativeParts(place.consumer).join(', ')}`)
    for (const line of drift(root, place)) console.log(`not as in our lock file: ${line}`)
    return nativeFindings(place)
  })
  await step('import', () => nameFindings(packages, place, 'import'))
  await step('require', () => nameFindings(packages, place, 'require'))
  const { typeFindings } = await import('./types.mjs')
  await step('types', () => typeFindings(packages, place))
  const removed = removeOptional(place)
  if (removed.length === 0) console.log('no optional native part has a build for this computer: all ran without')
  else await step(`import without ${removed.join(', ')}`, () => nameFindings(packages, place, 'import'))
  const { commandFindings, proofFindings } = await import('./programs.mjs')
  await step('commands', () => commandFindings(packages, place))
  await step('a proof from nothing', () => proofFindings(place))
  return packages
}

async function step(name, work) {
  console.log(`== ${name}`)
  const startMs = Date.now()
  const findings = (await work()) ?? []
  report(findings)
  const seconds = ((Date.now() - startMs) / 1000).toFixed(1)
  console.log(`== ${name}: ${findings.length === 0 ? 'ok' : `${findings.length} finding(s)`}, ${seconds} s`)
}

/** Findings of every package, each with its name. */
async function each(packages, findingsOf) {
  const all = []
  for (const one of packages) all.push(...(await findingsOf(one)).map((text) => `${one.manifest.name}: ${text}`))
  return all
}

function report(findings) {
  for (const finding of findings) console.log(finding)
  count += findings.length
}

function summary({ manifest, files, packedBytes }) {
  const kilobytes = (bytes) => `${Math.round(bytes / 1000)} kB`
  const parts = [
    `${kilobytes(packedBytes)} packed`,
    `${kilobytes(sizeBytes(files))} unpacked`,
    `${files.size} files`,
    `${entryPoints(manifest).length} entry points`,
    manifest.private === true ? 'private' : 'public',
  ]
  return `${manifest.name} ${manifest.version}: ${parts.join(', ')}`
}
