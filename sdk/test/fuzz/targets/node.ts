/** Readers of files, of the gateway over HTTP, of the outbox's rows and of command lines. */
import { generateKeyPairSync } from 'node:crypto'
import { chmodSync, writeFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { readWanted } from '../../../src/cli/proof-wanted.ts'
import { readTrust } from '../../../src/cli/trust.ts'
import { pureHash } from '../../../src/crypto/index.ts'
import { encodeVerifierKey } from '../../../src/merkle/index.ts'
import { nativeHash } from '../../../src/native/index.ts'
import { fetchGatewayInfo, httpRpc, openKeyFile, parseGatewayInfo } from '../../../src/node/index.ts'
import { batchOf, evidenceOf, headOf, summed, sumOf } from '../../../src/node/outbox-records.ts'
import { openRecipientKey } from '../../../src/node/recipient-key.ts'
import { initStation, pinnedGateway, stationFiles } from '../../../src/node/station-files.ts'
import { namedSigner } from '../../../src/testing/index.ts'
import type { Target } from '../engine.ts'
import type { Json } from '../json-edits.ts'
import { scratchPath, withFetch } from '../scratch.ts'

const NOW_S = 1_700_000_000
const hex = (byte: string, length: number): string => `0x${byte.repeat(length)}`
const INFO = {
  origin: 'example.org/log',
  vkey: encodeVerifierKey('example.org/log', namedSigner('log', -19).publicKey, pureHash),
  chainId: 31_337,
  registry: hex('aa', 20),
  logId: hex('cc', 32),
  mqttUrl: 'mqtt://127.0.0.1:1883',
}
const OFFER = { owner: hex('0b', 20), homeLog: INFO.logId, nonce: 0, deadline: NOW_S + 3600 }
const TRUST = { rpc: 'http://127.0.0.1:8545', chainId: 31_337, registry: INFO.registry }
const URL_OF_GATEWAY = 'http://gateway.invalid'

const [p256, ed25519, x25519, rsa] = [
  generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  generateKeyPairSync('ed25519'),
  generateKeyPairSync('x25519'),
  generateKeyPairSync('ec', { namedCurve: 'P-384' }),
].map(({ privateKey }) => privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())
const pems = [p256, ed25519, x25519, rsa].filter((pem) => pem !== undefined)

function inFile(name: string, text: string | Uint8Array): string {
  const path = scratchPath(name)
  writeFileSync(path, text)
  chmodSync(path, 0o600)
  return path
}

const json = (value: Json): Response => new Response(JSON.stringify(value))

/** An offer that a station takes, and when. */
export const OFFERED = { offer: OFFER, atMs: NOW_S * 1000 } as const

/** Answers a station's whole first conversation. */
export function offeredBy(offer: Json): (path: string) => Response {
  return (path) => json(path === '/v1/info' ? INFO : offer)
}

async function enrolWith(offer: Json): Promise<void> {
  const dir = scratchPath('station')
  await mkdir(dir, { recursive: true })
  await withFetch(offeredBy(offer), () => initStation(dir, URL_OF_GATEWAY, OFFERED.atMs))
}

async function pinWith(pin: Json): Promise<void> {
  const dir = scratchPath('pinned')
  const { gateway } = stationFiles(dir)
  await mkdir(dirname(gateway), { recursive: true })
  await writeFile(gateway, JSON.stringify(pin))
  await withFetch(
    () => json(INFO),
    () => pinnedGateway(dir, URL_OF_GATEWAY),
  )
}

/** Bytes in JSON are `{"$": hex}`. */
function revived(value: Json): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return {}
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => {
      const spelled = typeof part === 'object' && part !== null ? (part as Record<string, Json>)['$'] : undefined
      return [name, typeof spelled === 'string' ? Uint8Array.from(Buffer.from(spelled, 'hex')) : part]
    }),
  )
}

const message = Buffer.from('a message')
const ROW: Json = {
  sequence: 3,
  id: { $: '11'.repeat(32) },
  digest: { $: Buffer.from(nativeHash.sha256(message)).toString('hex') },
  message: { $: message.toString('hex') },
  state: 'pending',
  stream: 'weather',
  row_count: 4,
  receipt: { $: '00' },
  anchor: null,
  refusal: 'fork',
  sum: sumOf(message),
}

/** Targets that are JSON. */
export const JSON_TARGETS: readonly Target<Json>[] = [
  { name: 'gateway info', form: 'json', samples: [INFO], run: (value) => void parseGatewayInfo(JSON.stringify(value)) },
  { name: 'pinned gateway', form: 'json', weight: 0.02, samples: [INFO], run: pinWith },
  { name: 'enrolment offer', form: 'json', weight: 0.005, samples: [OFFER], run: enrolWith },
  {
    name: 'trust file',
    form: 'json',
    weight: 0.05,
    samples: [TRUST, { registry: INFO.registry }],
    run: async (value) => {
      const trusted = await readTrust({
        values: { trust: inFile('trust.json', JSON.stringify(value)) },
        positionals: [],
      })
      if (trusted.rpc !== undefined) httpRpc(trusted.rpc)
    },
  },
  { name: 'outbox batch', form: 'json', samples: [ROW], run: (value) => batchOf(revived(value)) },
  { name: 'outbox evidence', form: 'json', samples: [ROW], run: (value) => evidenceOf(revived(value)) },
  {
    name: 'outbox head',
    form: 'json',
    samples: [ROW, { id: null }],
    run: (value) => headOf(value === null ? undefined : revived(value)),
  },
  {
    name: 'outbox checksum',
    form: 'json',
    samples: [ROW],
    run: (value) => summed(revived(value)['message'], revived(value)['sum'], 'row'),
  },
]

/** Targets that are text. */
export const FILE_TARGETS: readonly Target<string>[] = [
  {
    name: 'gateway info text',
    form: 'text',
    samples: [JSON.stringify(INFO)],
    run: (text) => void parseGatewayInfo(text),
  },
  {
    name: 'trust file text',
    form: 'text',
    weight: 0.05,
    samples: [JSON.stringify(TRUST)],
    run: (text) => readTrust({ values: { trust: inFile('trust.json', text) }, positionals: [] }),
  },
  {
    name: 'RPC endpoint',
    form: 'text',
    samples: ['http://user:pass@127.0.0.1:8545/v3/key?x=1#y', 'https://node.invalid', 'ws://x'],
    run: (url) => void httpRpc(url),
  },
  {
    name: 'proof arguments',
    form: 'text',
    samples: [`${'a'.repeat(26)}:1:2`, `${'a'.repeat(26)}:999:4096`],
    run: (at) => readWanted({ at: [at] } as never),
  },
  {
    name: 'key file',
    form: 'text',
    weight: 0.02,
    samples: pems,
    run: (pem) => openKeyFile(inFile('machine.key', pem)),
  },
  {
    name: 'recipient key file',
    form: 'text',
    weight: 0.02,
    samples: pems,
    run: (pem) => openRecipientKey(inFile('recipient.key', pem)),
  },
]

/** Targets that are bytes. */
export const HTTP_TARGETS: readonly Target<Uint8Array>[] = [
  {
    name: 'gateway info over HTTP',
    form: 'bytes',
    weight: 0.1,
    samples: [Buffer.from(JSON.stringify(INFO))],
    run: (bytes) =>
      withFetch(
        () => new Response(Uint8Array.from(bytes)),
        () => fetchGatewayInfo(URL_OF_GATEWAY),
      ),
  },
  {
    name: 'problem of a gateway',
    form: 'bytes',
    weight: 0.1,
    samples: [Buffer.from(JSON.stringify({ code: 'not-found', detail: 'there is nothing' }))],
    run: (bytes) =>
      withFetch(
        () => new Response(Uint8Array.from(bytes), { status: 404 }),
        () => fetchGatewayInfo(URL_OF_GATEWAY),
      ),
  },
  {
    name: 'answer of a node over HTTP',
    form: 'bytes',
    weight: 0.1,
    samples: [Buffer.from('{"jsonrpc":"2.0","id":1,"result":"0x1"}')],
    run: (bytes) =>
      withFetch(
        () => new Response(Uint8Array.from(bytes)),
        () => httpRpc('https://node.invalid')('eth_chainId', []),
      ),
  },
]
