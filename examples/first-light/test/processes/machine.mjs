/** A machine in a process of its own, to be killed: it says which rows are durable, and the test holds it to that. */

import { startMachine } from '@fieldproof/sdk/machine'
import { nativeHash, nativeSuites } from '@fieldproof/sdk/native'
import {
  mqttLink,
  openKeyFile,
  openLibsqlOutbox,
  pinnedGateway,
  stationFiles,
  systemClock,
  systemEntropy,
} from '@fieldproof/sdk/node'

const [dir, gatewayUrl] = process.argv.slice(2)
const files = stationFiles(dir)
const gateway = await pinnedGateway(dir, gatewayUrl)
const machine = await startMachine({
  signer: await openKeyFile(files.key),
  gateway,
  streams: [
    { definition: { name: 'counter', columns: [{ name: 'value', unit: '', exponent: 0, type: 'int' }], context: {} } },
  ],
  outbox: await openLibsqlOutbox(files.outbox),
  link: mqttLink({ url: gateway.mqttUrl, backoff: { minMs: 50, maxMs: 200 } }),
  clock: systemClock(),
  entropy: systemEntropy,
  hash: nativeHash,
  suites: nativeSuites,
  software: 'kill test',
  timing: {
    maxRows: 7,
    maxAgeMs: 200,
    headWaitMs: 100,
    resendMs: 300,
    resendMaxMs: 600,
    anchorWaitMs: 2_000,
    healthMs: 0,
  },
  onEvent: (event) => {
    if (event.event !== 'rows-journalled') console.log(JSON.stringify(event))
  },
})
let stopping = false
process.once('SIGTERM', () => {
  stopping = true
})
for (let n = 0; !stopping; n++) {
  const value = Date.now() * 1000 + (n % 1000)
  await machine.record('counter', { value })
  console.log(JSON.stringify({ event: 'journalled', value }))
  await new Promise((resolve) => setTimeout(resolve, 15))
}
// Nothing new from here on: wait until everything is anchored, then leave.
await machine.sealAll()
for (let usage = await machine.usage(); usage.rows + usage.pending + usage.logged > 0; usage = await machine.usage()) {
  await new Promise((resolve) => setTimeout(resolve, 100))
}
await machine.stop()
