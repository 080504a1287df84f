/** A station as it runs on a Pi, board and all: serial port, drivers, quality control, key file, outbox with synchronous=FULL, MQTT link. */
import { join } from 'node:path'
import { runStation, STATIONS, stationStreams } from '@fieldproof/boards'
import { serialPortLine } from '@fieldproof/boards/line'
import { startMachine } from '@fieldproof/sdk/machine'
import { nativeHash, nativeSuites } from '@fieldproof/sdk/native'
import { createKeyFile, mqttLink, openLibsqlOutbox, systemClock, systemEntropy } from '@fieldproof/sdk/node'

const [dir, url, port, seconds] = process.argv.slice(2)
const clock = systemClock()
const station = STATIONS['weather-station'].define({ everyMs: 1000 })
let firstBatchMs = 0
let rows = 0
const machine = await startMachine({
  signer: await createKeyFile(join(dir, 'key')),
  gateway: null,
  streams: stationStreams(station).map((definition) => ({ definition })),
  outbox: await openLibsqlOutbox(join(dir, 'outbox.db')),
  link: mqttLink({ url }),
  clock,
  entropy: systemEntropy,
  hash: nativeHash,
  suites: nativeSuites,
  software: 'bench',
  timing: { maxRows: 60, maxAgeMs: 500, headWaitMs: 0, healthMs: 60_000 },
  onEvent: (event) => {
    if (event.event === 'batch-signed' && event.stream === 'weather') firstBatchMs ||= performance.now()
  },
})
const running = runStation({
  station,
  recorder: machine,
  open: serialPortLine(port),
  clock,
  onEvent: (event) => {
    if (event.event === 'row') rows++
  },
})
await new Promise((resolve) => setTimeout(resolve, 5000))
const cpu = process.cpuUsage()
const start = performance.now()
await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
const used = process.cpuUsage(cpu)
const elapsedMs = performance.now() - start
const rssMb = process.memoryUsage().rss / 2 ** 20
await running.stop()
await machine.stop()
const cpuPercent = (used.user + used.system) / 10 / elapsedMs
console.log(JSON.stringify({ rssMb, firstBatchMs, rows, cpuPercent }))
