/**
 * Runs the installed programs as a user would. The last of them is the whole promise: a local chain, a gateway and machines make
 * a proof, and the `fieldproof` command, another process that trusts only the chain, verifies it and refuses a changed copy.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { lastLines, run } from './run.mjs'

const DEMO_MS = 150_000
const DEMO = 'node_modules/@fieldproof/example-first-light/bin/first-light.js'

/** The commands that need no gateway. @returns findings */
export async function commandFindings(packages, place) {
  const { version } = packages.find(({ manifest }) => manifest.name === '@fieldproof/sdk').manifest
  const { bundle, trust } = vector(place, 'one row in a log of five')
  const proof = join(place.folder, 'vector.fpproof')
  const cut = join(place.folder, 'cut.fpproof')
  writeFileSync(proof, Buffer.from(bundle, 'hex'))
  writeFileSync(cut, Buffer.from(bundle.slice(0, -2), 'hex'))
  const nobody = ['--rpc', `http://127.0.0.1:${await closedPort()}`, '--registry', `0x${trust.registry}`]
  return [
    expectRun(place, ['fieldproof', '--version'], 0, version),
    expectRun(place, ['fieldproof', '--help'], 0, 'verify'),
    // From one package's program to another's: the PATH of `npm exec` has both.
    expectRun(place, ['fieldproof', 'gateway', '--help'], 0, 'fieldproof-gateway <command>'),
    expectRun(place, ['fieldproof-gateway', '--help'], 0, 'fieldproof-gateway <command>'),
    // The firmware, executed in what was installed, without Johnny-Five.
    expectRun(place, ['fieldproof', 'sim', '--scenario', 'bmp280'], 0, 'ok: '),
    expectRun(place, ['fieldproof', 'wiring', 'weather-station'], 0, 'A5'),
    expectRun(place, ['fieldproof', 'ports', '--json'], 0, ''),
    expectRun(place, ['fieldproof', 'gateway', 'no-such-command'], 2, 'usage'),
    expectRun(place, ['fieldproof', 'verify', proof, ...nobody], 2, 'NOT CHECKED'),
    expectRun(place, ['fieldproof', 'verify', cut, ...nobody], 1, 'REFUSED'),
  ].flat()
}

/** A proof from nothing, and what the command says of it while that chain still runs. @returns findings */
export async function proofFindings(place) {
  const demo = spawn(process.execPath, [DEMO, '--json', '--dir', join(place.folder, 'demo')], {
    cwd: place.consumer,
    env: place.env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(demo, 'exit')
  const late = setTimeout(() => demo.kill('SIGKILL'), DEMO_MS)
  const findings = []
  try {
    const events = createInterface({ input: demo.stdout })[Symbol.asyncIterator]()
    const { proof, trust } = await nextEvent(events, 'proof-written')
    await nextEvent(events, 'proof-verified')
    findings.push(...verdictFindings(place, proof, trust))
    demo.kill('SIGINT')
    await nextEvent(events, 'stopped')
  } catch (error) {
    findings.push(`first-light: ${error.message}`)
    demo.kill('SIGTERM')
  }
  const [status] = await ended
  clearTimeout(late)
  return status === 0 ? findings : [...findings, `first-light: exit code ${status}`]
}

/** Of the demo itself; those of its stations and its gateway say who they are from. */
async function nextEvent(events, name) {
  for (;;) {
    const { value, done } = await events.next()
    if (done) throw new Error(`it ended without the event ${name}`)
    const event = JSON.parse(value)
    if (event.event === 'failed') throw new Error(`${event.code}: ${event.detail}`)
    if (event.event === name && event.from === undefined) return event
  }
}

function verdictFindings(place, proof, trust) {
  const changed = join(place.folder, 'changed.fpproof')
  const bytes = readFileSync(proof)
  const middle = bytes.length >> 1
  bytes[middle] ^= 1
  writeFileSync(changed, bytes)
  return [
    expectRun(place, ['fieldproof', 'verify', proof, '--trust', trust], 0, 'VERIFIED'),
    expectRun(place, ['fieldproof', 'verify', changed, '--trust', trust], 1, 'REFUSED'),
  ].flat()
}

/**
 * Runs a command through npm, which finds the programs of installed packages as npx does, and asks nobody for others.
 * @param text what it must say, so that a failure of npm is not taken for an answer
 */
function expectRun({ consumer, env }, command, wanted, text) {
  const { status, stdout, stderr } = run('npm', ['exec', '--offline', '--', ...command], { cwd: consumer, env })
  if (status === wanted && (stdout + stderr).includes(text)) return []
  return [`${command.join(' ')}: exit code ${status}, want ${wanted}\n${lastLines(stdout + stderr)}`]
}

/** A case of bundle.json, from the installed schemas. */
function vector({ consumer }, name) {
  const { cases } = JSON.parse(
    readFileSync(join(consumer, 'node_modules/@fieldproof/schemas/vectors/bundle.json'), 'utf8'),
  )
  return cases.find((one) => one.name === name)
}

/** A port on which nobody listens, as the system just gave it to us. */
async function closedPort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}
