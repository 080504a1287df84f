/**
 * The tree against the machine's own SHA-256. The limit is measured beside us: `openssl speed` hashes 65 bytes through
 * the same EVP that node:crypto uses, and reaches 0.67 of what bare C with SHA-NI does; targets of five times the C
 * limit are therefore 1 / (5 * 0.67) of what openssl reports. Ratios are shares of the limit, so higher is better.
 */
import { execFileSync } from 'node:child_process'
import { saltsOf } from '../src/crypto/index.ts'
import { leafHashes, MerkleTree, rootOfFlat } from '../src/merkle/index.ts'
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
const GATE_SHARE = 0.7
/** Share of bare C with SHA-NI that `openssl speed -evp` reaches. */
const EVP_SHARE = 0.67
const RUNS = 5

/** Measures; takes about 15 seconds. */
export async function rows(): Promise<BenchRow[]> {
  const hashesPerSecond = opensslHashesPerSecond()
  const entries = Array.from({ length: LEAVES }, (_, i) => entryOf(i))
  const treeMs = median(() => {
    const tree = new MerkleTree(nativeHash)
    tree.appendAll(leafHashes(nativeHash, entries))
    tree.root()
  })
  const leaves = leafHashes(nativeHash, entries)
  const appendMs = median(() => {
    const tree = new MerkleTree(nativeHash)
    for (let i = 0; i < LEAVES; i++) tree.append(leaves.subarray(32 * i, 32 * i + 32))
    tree.root()
  })
  const limitMs = (hashes: number): number => (hashes / hashesPerSecond) * 1000
  return [
    row('merkle: tree of 2^20 entries', treeMs, 'ms', limitMs(2 * LEAVES), 1 / (5 * EVP_SHARE)),
    row('merkle: 2^20 leaf hashes appended one by one', appendMs, 'ms', limitMs(LEAVES), 1 / (5 * EVP_SHARE)),
    row(
      'merkle: 181 hashes of a batch against its P-256 check',
      batchMicros(),
      'us',
      1e6 / opensslVerifiesPerSecond(),
      1,
    ),
  ]
}

/** Salts, leaves and root of one batch of 60 rows, in microseconds. */
function batchMicros(): number {
  const repeats = 2000
  const inputs = Array.from({ length: ROWS + 1 }, (_, i) => entryOf(i).subarray(0, 48))
  const seed = new Uint8Array(32)
  const ms = median(() => {
    for (let n = 0; n < repeats; n++) {
      const saltOf = saltsOf(seed, nativeHash)
      for (let i = 1; i <= ROWS; i++) inputs[i]?.set(saltOf(i), 2)
      rootOfFlat(nativeHash, leafHashes(nativeHash, inputs))
    }
  })
  return (ms * 1000) / repeats
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
  return times.sort((a, b) => a - b)[RUNS >> 1] ?? Number.NaN
}

function opensslHashesPerSecond(): number {
  const speed = (): number => {
    const out = openssl('-evp', 'sha256', '-bytes', '65', '-seconds', '1')
    const thousands = /^sha256\s+([\d.]+)k\s*$/m.exec(out)?.[1]
    return (Number(thousands) * 1000) / 65
  }
  return medianOf([speed(), speed(), speed()])
}

function opensslVerifiesPerSecond(): number {
  const out = openssl('-seconds', '1', 'ecdsap256')
  return Number(/ecdsa \(nistp256\)\s+\S+\s+\S+\s+\S+\s+([\d.]+)/.exec(out)?.[1])
}

function openssl(...args: string[]): string {
  return execFileSync('openssl', ['speed', ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
}

function medianOf(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}
