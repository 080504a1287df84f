import { it } from 'vitest'
import { makeWorld, rpcOf, REGISTRY, WEATHER, signerOf } from '../verify/fixture.ts'
import { verifyBundle, encodeBundle, type Bundle } from '../../src/verify/index.ts'
import { reportText } from '../../src/cli/index.ts'
import { pureHash, pureP256, pureEd25519, encodeSign1, decodeSign1 } from '../../src/crypto/index.ts'
import { nativeP256, nativeEd25519, nativeHash, nativeSuites } from '../../src/native/index.ts'
import { FieldproofError, fromHex, toHex } from '../../src/base/index.ts'
import { decodeCbor, encodeCbor, ITEM_LIMITS } from '../../src/wire/index.ts'
import { ed25519 } from '@noble/curves/ed25519.js'
import { p256 } from '@noble/curves/nist.js'
const fail = (m: string): never => { throw new FieldproofError('rpc-failed', m) }
it('bom', () => {
  for (const t of ['\uFEFFab', '\uFEFF' + 'a'.repeat(20), '\uFEFF' + 'a'.repeat(100), '\uFEFF' + 'a'.repeat(1000), 'é'.repeat(500), '\u{1F600}'.repeat(200), 'a'.repeat(70)+'\u{1F600}', '\0'.repeat(30)]) {
    const back = decodeCbor(encodeCbor([t]), ITEM_LIMITS) as string[]
    console.log('bom', t.length, back[0] === t, back[0]!.length)
  }
  for (const k of ['__proto__','constructor']) { const m = decodeCbor(encodeCbor(new Map([[k, 1]])), ITEM_LIMITS); console.log(m) }
})
it('p256 degenerate signatures', async () => {
  const s = signerOf(7); const msg = new Uint8Array(10)
  const n = p256.Point.Fn.ORDER
  const b = (v: bigint) => fromHex(v.toString(16).padStart(64, '0'))
  const good = await s.sign(msg)
  for (const [name, sig] of Object.entries({ zero: new Uint8Array(64), r0: new Uint8Array([...b(0n), ...b(1n)]), s0: new Uint8Array([...b(1n), ...b(0n)]), rn: new Uint8Array([...b(n), ...b(1n)]), ff: new Uint8Array(64).fill(255), rff: new Uint8Array([...new Uint8Array(32).fill(255), ...b(1n)]), highs: new Uint8Array([...good.subarray(0, 32), ...b(n - BigInt('0x' + toHex(good.subarray(32))))]), sPlusN: new Uint8Array([...good.subarray(0,32), ...new Uint8Array(32).fill(0x7f)]), good })) {
    let a: unknown, c: unknown
    try { a = await pureP256.verify(s.publicKey, msg, sig) } catch (e) { a = 'THROW ' + e }
    try { c = await nativeP256.verify(s.publicKey, msg, sig) } catch (e) { c = 'THROW ' + e }
    console.log('p256', name, a, c)
  }
})
it('ed25519 torsion', async () => {
  const torsion = ['0100000000000000000000000000000000000000000000000000000000000000','ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f','0000000000000000000000000000000000000000000000000000000000000080','0000000000000000000000000000000000000000000000000000000000000000','c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a','26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05','eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f','0100000000000000000000000000000000000000000000000000000000000080'].map(fromHex)
  let any = 0, differ = 0
  for (let i = 0; i < 40; i++) for (const A of torsion) for (const R of torsion) {
    const msg = Uint8Array.of(i)
    const sig = new Uint8Array([...R, ...new Uint8Array(32)])
    const x = await pureEd25519.verify(A, msg, sig), y = await nativeEd25519.verify(A, msg, sig)
    if (x || y) any++
    if (x !== y) differ++
  }
  // mixed order A and R
  const sk = new Uint8Array(32).fill(9); const pk = ed25519.getPublicKey(sk)
  const T = ed25519.Point.fromBytes(torsion[4]!)
  const A8 = ed25519.Point.fromBytes(pk).add(T).toBytes()
  console.log('mixed A valid', pureEd25519.isValidPublicKey(A8), nativeEd25519.isValidPublicKey(A8))
  const sig = ed25519.sign(Uint8Array.of(1), sk)
  const L = ed25519.Point.Fn.ORDER
  let S = 0n; for (let i = 63; i >= 32; i--) S = (S << 8n) | BigInt(sig[i]!)
  const s2 = S + L; const sigL = sig.slice(); let v = s2; for (let i = 32; i < 64; i++) { sigL[i] = Number(v & 255n); v >>= 8n }
  console.log('S+L', await pureEd25519.verify(pk, Uint8Array.of(1), sigL), await nativeEd25519.verify(pk, Uint8Array.of(1), sigL))
  const Rt = ed25519.Point.fromBytes(sig.subarray(0,32)).add(T).toBytes(); const sigR = new Uint8Array([...Rt, ...sig.subarray(32)])
  console.log('R+T', await pureEd25519.verify(pk, Uint8Array.of(1), sigR), await nativeEd25519.verify(pk, Uint8Array.of(1), sigR))
  console.log('ed torsion accepted', any, 'differ', differ)
})
it('verdict under lying nodes', async () => {
  const w = await makeWorld()
  const base = rpcOf(w.chain, fail)
  const run = async (name: string, over: (m: string, p: readonly unknown[], r: any) => any) => {
    const rpc = async (m: string, p: readonly unknown[]) => over(m, p, await base(m, p))
    try {
      const rep = await verifyBundle(w.bytes, { trust: { registry: REGISTRY }, rpc })
      let text = ''
      try { text = reportText(rep, false).split('\n').at(-1)! } catch (e) { text = 'REPORT THROWS ' + e }
      console.log(name.padEnd(34), rep.verdict, text, rep.checks.filter(c => c.status !== 'pass').map(c => c.id + ':' + c.code).join(' '))
    } catch (e) { console.log(name.padEnd(34), 'THROWS', String(e)) }
  }
  await run('honest', (_m, _p, r) => r)
  for (const bad of ['0x1fffffffffffff', '0x20000000000000', '0xffffffffffffffff', -1, NaN, 1e308, null, '0x', '-0x1', '0x-1', {}, [], '1', '0x1 ', {__proto__: null}, true]) {
    await run('timestamp ' + String(JSON.stringify(bad)), (m, p, r) => m === 'eth_getBlockByNumber' && p[0] !== 'finalized' ? { ...r, timestamp: bad } : r)
    await run('status ' + String(JSON.stringify(bad)), (m, _p, r) => m === 'eth_getTransactionReceipt' ? { ...r, status: bad } : r)
    await run('final number ' + String(JSON.stringify(bad)), (m, p, r) => p[0] === 'finalized' ? { ...r, number: bad } : r)
    await run('call ' + String(JSON.stringify(bad)), (m, p, r) => m === 'eth_call' ? bad : r)
    await run('any ' + String(JSON.stringify(bad)), () => bad)
  }
  await run('proto receipt', (m, _p, r) => m === 'eth_getTransactionReceipt' ? JSON.parse(`{"__proto__":${JSON.stringify(r)}}`) : r)
  await run('other tx', (m, _p, r) => m === 'eth_getTransactionReceipt' ? { ...r, transactionHash: '0x' + '11'.repeat(32) } : r)
  await run('other block number', (m, p, r) => m === 'eth_getBlockByNumber' && p[0] !== 'finalized' ? { ...r, number: '0x5' } : r)
  await run('topics 3', (m, _p, r) => m === 'eth_getTransactionReceipt' ? { ...r, logs: [{ ...r.logs[0], topics: [...r.logs[0].topics, '0x' + '00'.repeat(32)] }] } : r)
  await run('other emitter', (m, _p, r) => m === 'eth_getTransactionReceipt' ? { ...r, logs: [{ ...r.logs[0], address: '0x' + '11'.repeat(20) }] } : r)
  await run('long log', (m, _p, r) => m === 'eth_getTransactionReceipt' ? { ...r, logs: [{ ...r.logs[0], data: '0x' + '00'.repeat(4_000_000) }] } : r)
  await run('rev beacon later', (m, p, r) => r)
})
it('null beacon', async () => {
})
