/** What the machine runtime costs on the device: memory, time from process start to the first signed batch, CPU at 1 Hz. */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Aedes } from 'aedes'
import { bareNodeMb, runChild } from '../../scripts/bench/child.mjs'
import { benchRow } from '../../scripts/bench/row.mjs'

const SECONDS = 20
const PROCESS = new URL('./device-process.mjs', import.meta.url).pathname

export async function rows() {
  const dir = mkdtempSync(join(tmpdir(), 'fieldproof-bench-'))
  const broker = await Aedes.createBroker()
  const server = createServer({ noDelay: true }, broker.handle)
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    const url = `mqtt://127.0.0.1:${server.address().port}`
    const { rssMb, firstBatchMs, cpuPercent } = await runChild(PROCESS, [dir, url, String(SECONDS)])
    const bareMb = bareNodeMb()
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
