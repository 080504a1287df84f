/** Paths, queries and bodies over HTTP: an answer of 500 or above is a fault of ours. */
import { hash32 } from '@fieldproof/sdk/base'
import { nativeHash } from '@fieldproof/sdk/native'
import { expectThat, type Target } from '../../../../sdk/test/fuzz/engine.ts'
import type { Json } from '../../../../sdk/test/fuzz/json-edits.ts'
import { everyKeyEnrolled } from '../../../src/index.ts'
import { createApp } from '../../../src/serve/app.ts'
import type { EnrolRelay } from '../../../src/serve/enrol.ts'
import { createMetrics } from '../../../src/serve/metrics.ts'
import { CHAIN, makePlace } from '../place.ts'

const { store, ledger, directory, machine } = await makePlace()
const enrol: EnrolRelay = {
  challenge: async () => ({
    machine,
    owner: new Uint8Array(20),
    homeLog: CHAIN.logId,
    nonce: 0,
    deadline: 9,
    digest: hash32(new Uint8Array(32)),
  }),
  enrol: async () => ({ machine, isNew: true }),
}
const app = createApp({
  store,
  ledger,
  directory,
  hash: nativeHash,
  metrics: createMetrics({ logSize: () => 2, queued: () => 0, connected: () => 1, anchoredSize: () => 0 }),
  chain: CHAIN,
  registry: everyKeyEnrolled,
  enrol,
  mqttUrl: () => 'mqtt://127.0.0.1:1',
  online: () => new Set([machine]),
  isHealthy: () => true,
})

const PATHS: readonly string[] = [
  '/v1/info',
  '/v1/machines',
  `/v1/machines/${machine}`,
  `/v1/machines/${machine}/rows?stream=weather&from=0&limit=5`,
  `/v1/proof?machine=${machine}&sequence=1&row=1&row=2`,
  `/v1/proof?at=${machine}:1:1&form=state`,
  `/v1/place?at=${machine}:1`,
  `/v1/batch?machine=${machine}&sequence=1`,
  `/v1/enrol?publicKey=0x${'ab'.repeat(64)}`,
  '/checkpoint',
  '/tile/0/000.p/2',
  '/tile/entries/000.p/2',
  '/metrics',
  '/healthz',
]

async function expectAnswer(response: Response): Promise<void> {
  const text = await response.text()
  expectThat(response.status < 500, `answered ${response.status}: ${text.slice(0, 300)}`)
}

/** Targets that are text. */
export const HTTP_TARGETS: readonly Target<string>[] = [
  {
    name: 'gateway: HTTP path and query',
    form: 'text',
    weight: 0.5,
    samples: PATHS,
    run: async (path) => expectAnswer(await app.request(`http://gateway.invalid/${path.replace(/^\//, '')}`)),
  },
]

const headers = { 'content-type': 'application/json' }

/** Targets that are JSON. */
export const POST_TARGETS: readonly Target<Json>[] = [
  {
    name: 'gateway: enrolment over HTTP',
    form: 'json',
    weight: 0.3,
    samples: [{ publicKey: `0x${'ab'.repeat(64)}`, deadline: 9, signature: `0x${'cd'.repeat(64)}` }],
    run: async (value) =>
      expectAnswer(await app.request('/v1/enrol', { method: 'POST', headers, body: JSON.stringify(value) })),
  },
]
