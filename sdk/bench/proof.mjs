/** Proof files: their size, and the time to verify one beside the signature check that nobody can avoid. */
import { nativeHash, nativeP256, nativeSuites } from '@fieldproof/sdk/native'
import { verifyBundle } from '@fieldproof/sdk/verify'
import { referenceProof } from '../../scripts/bench/reference-proof.mjs'
import { benchRow, median } from '../../scripts/bench/row.mjs'

const ROUNDS = 7
const engines = { hash: nativeHash, suites: nativeSuites }

export async function rows() {
  const proof = await referenceProof(-9)
  const { transaction, state, trust, rpc, blockHash, signer, signed } = proof
  const online = () => verifyBundle(transaction, { trust, rpc, engines })
  const offline = () => verifyBundle(state, { trust, blockHash, engines })
  for (const report of [await online(), await offline()]) {
    const failed = report.checks.filter(({ status }) => status !== 'pass')
    if (failed.length > 0) throw new Error(`the reference proof does not verify: ${failed[0].id}: ${failed[0].reason}`)
  }
  const check = () => nativeP256.verify(signer.publicKey, signed.toBeSigned, signed.signature)
  const times = { online: [], offline: [], check: [] }
  for (let round = 0; round < ROUNDS; round++) {
    times.online.push(await microseconds(online, 200))
    times.check.push(await microseconds(check, 400))
    times.offline.push(await microseconds(offline, 50))
  }
  return [
    size('proof of one reading in a log of 2^20', transaction.length, 2000),
    size('the same for offline use, state of Ethereum mainnet (3.5e8 accounts)', state.length, 32_768),
    timed('verify that proof, a node that answers at once / one P-256 check', median(times.online), 5),
    timed('verify it offline / one P-256 check', median(times.offline), 15),
  ]

  function timed(name, value, target) {
    return benchRow({ name, value, unit: 'us', limit: median(times.check), target, higherIsBetter: false })
  }
}

function size(name, value, target) {
  return benchRow({ name, value, unit: 'B', limit: 1, target, higherIsBetter: false, exact: true })
}

async function microseconds(task, times) {
  const start = process.hrtime.bigint()
  for (let i = 0; i < times; i++) await task()
  return Number(process.hrtime.bigint() - start) / 1000 / times
}
