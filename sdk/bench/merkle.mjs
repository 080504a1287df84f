/**
 * A tree of 2^20 entries against the machine's own SHA-256. The limit is measured beside us: `openssl speed` hashes
 * 65 bytes through the same EVP that node:crypto uses, and reaches 0.67 of what bare C with SHA-NI does; the target of
 * five times the C limit is therefore 5 x 0.67 times what openssl reports.
 */
import { leafHashes, MerkleTree } from '@fieldproof/sdk/merkle'
import { nativeHash } from '@fieldproof/sdk/native'
import { benchRow, median, opensslSpeed } from '../../scripts/bench/row.mjs'

const LEAVES = 2 ** 20
const ROUNDS = 5
/** Share of bare C with SHA-NI that `openssl speed -evp` reaches. */
const EVP_SHARE = 0.67

export async function rows() {
  const entries = Array.from({ length: LEAVES }, (_, i) => entryOf(i))
  const grow = () => {
    const tree = new MerkleTree(nativeHash)
    tree.appendAll(leafHashes(nativeHash, entries))
    return tree.root()
  }
  grow()
  const times = []
  const limits = []
  for (let round = 0; round < ROUNDS; round++) {
    times.push(milliseconds(grow))
    limits.push(((2 * LEAVES) / (await opensslHashesPerSecond())) * 1000)
  }
  return [
    benchRow({
      name: 'Merkle tree of 2^20 entries / openssl hashing as much',
      value: median(times),
      unit: 'ms',
      limit: median(limits),
      target: 5 * EVP_SHARE,
      higherIsBetter: false,
    }),
  ]
}

/** 64 bytes: with the prefix, the length that openssl is measured at. */
function entryOf(index) {
  const entry = new Uint8Array(64)
  new DataView(entry.buffer).setUint32(0, index)
  return entry
}

function milliseconds(task) {
  const start = process.hrtime.bigint()
  task()
  return Number(process.hrtime.bigint() - start) / 1e6
}

/** openssl prints thousands of bytes a second. */
async function opensslHashesPerSecond() {
  return ((await opensslSpeed(['-evp', 'sha256', '-bytes', '65'], /^sha256\s+([\d.]+)k/m)) * 1000) / 65
}
