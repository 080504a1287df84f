/** The configuration file and the log key. */
import { generateKeyPairSync } from 'node:crypto'
import { chmodSync, writeFileSync } from 'node:fs'
import type { Target } from '../../../../sdk/test/fuzz/engine.ts'
import type { Json } from '../../../../sdk/test/fuzz/json-edits.ts'
import { scratchPath } from '../../../../sdk/test/fuzz/scratch.ts'
import { parseConfig } from '../../../src/config/config.ts'
import { openLogKey } from '../../../src/config/log-key.ts'
import { LOG_KEY_PEM } from '../place.ts'

const CONFIG: Json = {
  origin: 'example.org/fieldproof',
  dataDir: 'data',
  predecessor: { logId: `0x${'11'.repeat(32)}`, size: 4 },
  chain: {
    rpcUrl: 'http://127.0.0.1:8545',
    chainId: 31_337,
    registry: `0x${'aa'.repeat(20)}`,
    owner: `0x${'0b'.repeat(20)}`,
    appenderKeyFile: 'appender.key',
    finality: { depth: 3 },
  },
  mqtt: { host: '::1', port: 0, passwordKeyFile: null, publicUrl: 'mqtts://broker.example.org:8883' },
  http: { port: 8080 },
  ingest: { messagesPerSecond: 0 },
  keys: {},
  anchor: { everyMs: 1000, maxFeePerGasWei: 1_000_000_000 },
}

/** Targets that are JSON. */
export const CONFIG_TARGETS: readonly Target<Json>[] = [
  {
    name: 'gateway: config',
    form: 'json',
    samples: [CONFIG, { origin: 'o', dataDir: 'd' }],
    run: (value) => void parseConfig(value),
  },
]

const other = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString()

/** Targets that are text. */
export const KEY_TARGETS: readonly Target<string>[] = [
  {
    name: 'gateway: log key',
    form: 'text',
    weight: 0.02,
    samples: [LOG_KEY_PEM, other],
    run: (pem) => {
      const path = scratchPath('log-key.pem')
      writeFileSync(path, pem)
      chmodSync(path, 0o600)
      openLogKey(path)
    },
  },
]
