/**
 * The tree against the machine's own SHA-256. The limit is measured beside us: `openssl speed` hashes 65 bytes through
 * the same EVP that node:crypto uses, and reaches 0.67 of what bare C with SHA-NI does; targets of five times the C
 * limit are therefore 1 / (5 * 0.67) of what openssl reports. Ratios are shares of the limit, so higher is better.
 */
import { execFileSync } from 'node:child_process'
import { generateKeyPairSync, sign, verify } from 'node:crypto'
import { batchRoot, definitionHash, leafHashes, MerkleTree } from '../src/merkle/index.ts'
import { nativeHash } from '../src/native/hash.ts'

/** One row of the table of `npm run bench`. */
export interface BenchRow {
  readonly name: string
  /** Median, in `unit`. */
  readonly value: number
  readonly unit: string
  /** What the machine could do at best, in `unit`, measured in this run. */
  readonly limit: number
  /** limit / value: the share of the limit that is reached. */
  readonly ratio: number
  /** Least ratio that passes: 0.7 of the target, because shared machines are noisy. */
  readonly gate: number
  /** Least ratio that is aimed at. */
  readonly target: number
  readonly met: boolean
  readonly targetMet: boolean
}

const LEAVES = 2 ** 20
const ROWS = 60
const COLUMNS = 6
const GATE_SHARE = 0.7
/** Share of bare C with SHA-NI that `openssl speed -evp` reaches. */
const EVP_SHARE = 0.67
const RUNS = 5

/** Measures; takes about 12 seconds. */
export async function rows(): Promise<BenchRow[]> {
  const hashesPerSecond = opensslHashesPerSecond()
  const entries = Array.from({ length: LEAVES }, (_, i) => entryOf(i))
  const treeMs = median(() => {
    const tree = new MerkleTree(nativeHash)
    tree.appendAll(leafHashes(nativeHash, entries))
    tree.root()
  })
  const limitMs = ((2 * LEAVES) / hashesPerSecond) * 1000
  return [
    row('merkle: tree of 2^20 entries', treeMs, 'ms', limitMs, 1 / (5 * EVP_SHARE)),
    row('merkle: root of 60 rows x 6 against one P-256 check', batchMicros(), 'us', verifyMicros(), 1),
  ]
}

/** Salts, leaf inputs, leaf hashes and root of one batch, in microseconds. */
function batchMicros(): number {
  const seed = new Uint8Array(32)
  const definition = definitionHash(nativeHash, new Uint8Array(200))
  const rows = Array.from({ length: ROWS }, (_, i) => ({
    time: 1_700_000_000_000 + 60_000 * i,
    values: Array.from({ length: COLUMNS }, (_, column) => 2000 * column + i),
  }))
  return microsOf(() => batchRoot(nativeHash, definition, seed, rows))
}

/** One P-256 check by node:crypto, in microseconds: what the same gateway spends on the batch's signature. */
function verifyMicros(): number {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const message = new Uint8Array(400)
  const signature = sign('sha256', message, { key: privateKey, dsaEncoding: 'ieee-p1363' })
  return microsOf(() => verify('sha256', message, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature))
}

/** 64 bytes: with the prefix, the length that openssl is measured at. */
function entryOf(index: number): Uint8Array {
  const entry = new Uint8Array(64)
  new DataView(entry.buffer).setUint32(0, index)
  return entry
}

function row(name: string, value: number, unit: string, limit: number, target: number): BenchRow {
  const ratio = limit / value
  const gate = GATE_SHARE * target
  return { name, value, unit, limit, ratio, gate, target, met: ratio >= gate, targetMet: ratio >= target }
}

function median(run: () => void): number {
  run()
  const times = Array.from({ length: RUNS }, () => {
    const start = performance.now()
    run()
    return performance.now() - start
  })
  return medianOf(times)
}

/** Median of one call, each run making thousands. */
function microsOf(call: () => void): number {
  const calls = 4000
  const ms = median(() => {
    for (let i = 0; i < calls; i++) call()
  })
  return (ms * 1000) / calls
}

function opensslHashesPerSecond(): number {
  const speed = (): number => {
    const out = openssl('-evp', 'sha256', '-bytes', '65', '-seconds', '1')
    const thousands = /^sha256\s+([\d.]+)k\s*$/m.exec(out)?.[1]
    return (Number(thousands) * 1000) / 65
  }
  return medianOf([speed(), speed(), speed()])
}

function openssl(...args: string[]): string {
  return execFileSync('openssl', ['speed', ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
}

function medianOf(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}
