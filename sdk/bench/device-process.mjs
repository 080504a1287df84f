/** A station as it runs on a Pi, less the board: key file, outbox with synchronous=FULL, MQTT link, 6 columns at 1 Hz. */
import { join } from 'node:path'
import { startMachine } from '@fieldproof/sdk/machine'
import { nativeHash, nativeSuites } from '@fieldproof/sdk/native'
import { createKeyFile, mqttLink, openLibsqlOutbox, systemClock, systemEntropy } from '@fieldproof/sdk/node'
import { DEFINITION } from '../../scripts/bench/reference-batch.mjs'

const [dir, url, seconds] = process.argv.slice(2)
const signer = await createKeyFile(join(dir, 'key'))
let firstBatchMs = 0
const machine = await startMachine({
  signer,
  gateway: {
    origin: 'bench',
    logKey: new Uint8Array(32),
    chainId: 1,
    registry: new Uint8Array(20),
    logId: new Uint8Array(32),
  },
  streams: [{ definition: DEFINITION }],
  outbox: await openLibsqlOutbox(join(dir, 'outbox.db')),
  link: mqttLink({ url }),
  clock: systemClock(),
  entropy: systemEntropy,
  hash: nativeHash,
  suites: nativeSuites,
  software: 'bench',
  timing: { maxRows: 60, maxAgeMs: 500, headWaitMs: 0, healthMs: 60_000 },
  onEvent: (event) => {
    if (event.event === 'batch-signed' && firstBatchMs === 0) firstBatchMs = performance.now()
  },
})
const values = Object.fromEntries(DEFINITION.columns.map((column, i) => [column.name, 20 + i]))
await machine.record('weather', values)
await new Promise((resolve) => setTimeout(resolve, 1500))
const cpu = process.cpuUsage()
const start = performance.now()
const timer = setInterval(() => void machine.record('weather', values), 1000)
await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
clearInterval(timer)
const used = process.cpuUsage(cpu)
const elapsedMs = performance.now() - start
const rssMb = process.memoryUsage().rss / 2 ** 20
await machine.stop()
console.log(JSON.stringify({ rssMb, firstBatchMs, cpuPercent: (used.user + used.system) / 10 / elapsedMs }))
