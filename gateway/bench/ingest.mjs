/**
 * Accepted batches a second, end to end and with everything on: embedded broker, strict decode, key, signature, root
 * recomputed, history, durable commit in SQLite, then the PUBACK; receipts go out beside it. The machines run in a process of
 * their own on the same cores. The limit is what OpenSSL verifies a second on one core, without any of that.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { everyKeyEnrolled, parseConfig, startGateway } from '@fieldproof/gateway'
import { benchRow, median, opensslSpeed } from '../../scripts/bench/row.mjs'

const ROUNDS = 3
const MACHINES = 32
const BATCHES = 9_600
const WARM_UP = 1_920
const CURVES = [
  {
    name: 'P-256',
    alg: -9,
    target: 0.5,
    openssl: ['ecdsap256', /^\s*256 bits ecdsa \(nistp256\)(?:\s+[\d.]+s?){3}\s+([\d.]+)/m],
  },
  {
    name: 'Ed25519',
    alg: -19,
    target: 0.7,
    openssl: ['ed25519', /^\s*253 bits EdDSA(?:.*\))(?:\s+[\d.]+s?){3}\s+([\d.]+)/m],
  },
]

export async function rows() {
  const done = []
  for (const { name, alg, target, openssl } of CURVES) {
    const load = fork(new URL('./ingest-load.mjs', import.meta.url), [alg, MACHINES, BATCHES, WARM_UP].map(String))
    await once(load, 'message')
    const rates = []
    const limits = []
    for (let round = 0; round < ROUNDS; round++) {
      limits.push(await opensslSpeed([openssl[0]], openssl[1]))
      rates.push(await acceptedPerSecond(load))
    }
    load.disconnect()
    process.stderr.write(`${name}: ${rates.map(Math.round).join(' ')} a second, openssl ${limits.join(' ')}\n`)
    done.push(
      benchRow({
        name: `gateway, accepted batches, ${name} / openssl verifying on one core`,
        value: median(rates),
        unit: '1/s',
        limit: median(limits),
        target,
        higherIsBetter: true,
      }),
    )
  }
  return done
}

/** One run on a new log. */
async function acceptedPerSecond(load) {
  const dataDir = mkdtempSync(join(tmpdir(), 'fieldproof-bench-'))
  const config = parseConfig({
    origin: 'example.org/bench',
    dataDir,
    mqtt: { port: 0 },
    http: { port: 0 },
    ingest: { messagesPerSecond: 0 },
  })
  const gateway = await startGateway({ config, create: true, anchoring: null, registry: everyKeyEnrolled })
  try {
    load.send({ port: Number(new URL(gateway.mqttUrl).port) })
    const [{ perSecond, refused }] = await once(load, 'message')
    await gateway.stop() // the tree is grown after the acknowledgement
    const logged = gateway.ledger.tree.size - 1
    if (refused > 0 || logged !== BATCHES + WARM_UP) throw new Error(`${refused} were refused, ${logged} were logged`)
    return perSecond
  } finally {
    await gateway.stop()
    rmSync(dataDir, { recursive: true })
  }
}
