/** What the machine runtime costs on the device: memory, time from process start to the first signed batch, CPU at 1 Hz. */
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Aedes } from 'aedes'
import { benchRow } from '../../scripts/bench/row.mjs'

const SECONDS = 20

export async function rows() {
  const dir = mkdtempSync(join(tmpdir(), 'fieldproof-bench-'))
  const broker = await Aedes.createBroker()
  const server = createServer({ noDelay: true }, broker.handle)
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    const url = `mqtt://127.0.0.1:${server.address().port}`
    const { rssMb, firstBatchMs, cpuPercent } = await run(dir, url)
    const bareMb = bareNode()
    return [
      benchRow({
        name: 'device memory, machine with outbox and link / bare node',
        value: rssMb,
        unit: 'MB',
        limit: bareMb,
        target: 80 / 39,
        higherIsBetter: false,
      }),
      benchRow({
        name: 'device start to first signed batch',
        value: firstBatchMs / 1000,
        unit: 's',
        limit: 1,
        target: 2,
        higherIsBetter: false,
      }),
      benchRow({
        name: 'device CPU, 6 sensors at 1 Hz',
        value: cpuPercent,
        unit: '%',
        limit: 1,
        target: 3,
        higherIsBetter: false,
      }),
    ]
  } finally {
    server.close()
    broker.close()
    rmSync(dir, { recursive: true, force: true })
  }
}

function run(dir, url) {
  const script = new URL('./device-process.mjs', import.meta.url).pathname
  const child = spawn(process.execPath, [script, dir, url, String(SECONDS)], { stdio: ['ignore', 'pipe', 'inherit'] })
  return new Promise((resolve, reject) => {
    let output = ''
    child.stdout.on('data', (chunk) => {
      output += chunk
    })
    child.once('error', reject)
    child.once('exit', (code) =>
      code === 0 ? resolve(JSON.parse(output)) : reject(new Error(`device exited with ${code}`)),
    )
  })
}

function bareNode() {
  const script = 'setTimeout(() => console.log(process.memoryUsage().rss / 2 ** 20), 500)'
  return Number(spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' }).stdout)
}
