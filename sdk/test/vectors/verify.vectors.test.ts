import nacl from 'tweetnacl'
import { describe, expect, it } from 'vitest'
import { fromHex, hash32, machineId, machineIdBytes, toHex, utf8 } from '../../src/base/index.ts'
import { decodeStatement, openBody, openKey, pureHash, pureSuites, sealedSeed } from '../../src/crypto/index.ts'
import { chainIdOf, keccak256, type Rpc, toRpcData, toRpcQuantity, wordOf } from '../../src/evm/index.ts'
import { nativeHash, nativeSuites } from '../../src/native/index.ts'
import {
  anchorToBeSigned,
  type CheckId,
  decodeGenesis,
  verifyAnchorWord,
  verifyBundle,
  verifyReceipt,
} from '../../src/verify/index.ts'
import {
  decodeBeacon,
  decodeBirth,
  decodeReceiptMessage,
  decodeStatus,
  parseTopic,
  type SealedBox,
} from '../../src/wire/index.ts'
import { bytesOf, codeOf, loadCases } from './load.ts'

/** The checks of ours that stand for a check of the specification's table. */
const CHECKS: Readonly<Record<string, readonly CheckId[]>> = {
  digest: ['bundle'],
  form: ['bundle', 'rows', 'log'],
  keys: ['keys'],
  signatures: ['signatures'],
  definitions: ['definitions'],
  rows: ['rows'],
  log: ['log'],
  chain: ['chain'],
  event: ['contracts', 'home', 'anchor', 'final'],
  enrolment: ['enrolment'],
  home: ['home'],
}

interface Chain {
  readonly anchorLog: string
  readonly transaction: {
    readonly txHash: string
    readonly status: number
    readonly blockNumber: number
    readonly blockHash: string
    readonly blockTime: number
    readonly canonical: boolean
    readonly final: boolean
    readonly treeHeads: readonly { address: string; logId: string; size: number; root: string }[]
  } | null
  readonly keys: readonly {
    thumbprint: string
    machine: string
    fromBlock: number
    retiredSeq: number
    revokedBlock: number
    flags: number
  }[]
  readonly homes: readonly { machine: string; logId: string; since: number; until: number }[]
  readonly blocks: readonly { number: number; hash: string; time: number }[]
}

describe('bundle vectors', () => {
  for (const c of loadCases('bundle')) {
    it(`${c.valid ? 'verifies' : 'refuses'} ${c.name}`, async () => {
      const trust = c['trust'] as { caip2: string; registry: string }
      const report = await verifyBundle(bytesOf(c['bundle']), {
        trust: { registry: fromHex(trust.registry), chainId: chainIdOf(trust.caip2) },
        rpc: rpcOf(c['chain'] as Chain, trust),
        engines: { hash: nativeHash, suites: nativeSuites },
      })
      const failed = report.checks.filter((check) => check.required && check.status !== 'pass').map((check) => check.id)
      if (!c.valid) {
        expect(report.verdict).toBe('fail')
        return expect(CHECKS[String(c['check'])]).toContain(failed[0])
      }
      expect(failed).toEqual([])
      expect(report.verdict).toBe('pass')
      const rows = c['rows'] as { statement: number; index: number; time: number }[]
      expect(report.rows.map((row) => [row.index, row.time])).toEqual(rows.map((row) => [row.index, row.time]))
      const statements = c['statements'] as {
        sequence: number
        notBefore: number | null
        notAfter: number
        machine: string
      }[]
      expect(report.rows.map((r) => ({ sequence: r.sequence, machine: r.machine, ...r.window }))).toEqual(
        rows.map(({ statement }) => {
          const { sequence, machine, notBefore, notAfter } = statements[statement]!
          return { sequence, machine, notBefore, notAfter }
        }),
      )
    })
  }
})

describe('receipt vectors', () => {
  for (const c of loadCases('receipt').filter((v) => v['kind'] === undefined)) {
    it(`${c.valid ? 'accepts' : 'rejects'} ${c.name}`, async () => {
      const log = { origin: String(c['origin']), logKey: bytesOf(c['publicKey']) }
      const check = () => verifyReceipt(bytesOf(c['receipt']), bytesOf(c['entry']), log, pureSuites(-19)!, pureHash)
      if (!c.valid) return void (await codeOf(check))
      expect(await check()).toMatchObject({ size: c['size'], index: c['index'] })
      expect(toHex((await check()).root)).toBe(c['root'])
    })
  }
})

describe('anchored message vectors', () => {
  for (const c of loadCases('receipt').filter((v) => v['kind'] === 'anchored')) {
    it(`${c.valid ? 'accepts' : 'rejects'} ${c.name}`, async () => {
      const log = { origin: String(c['origin']), logKey: bytesOf(c['publicKey']) }
      const message = decodeReceiptMessage(bytesOf(c['message']))
      if (message.kind !== 'anchored') return expect.fail('want an anchored message')
      const { receipt, anchor, signature } = message
      const head = await verifyReceipt(receipt, bytesOf(c['entry']), log, pureSuites(-19)!, pureHash)
      const check = () => verifyAnchorWord(signature, head, anchor, log, pureSuites(-19)!)
      if (!c.valid) return expect(await codeOf(check)).toBe('receipt-invalid')
      await check()
      expect(toHex(anchorToBeSigned(log.origin, head, anchor))).toBe(c['anchorToBeSigned'])
    })
  }
})

describe('genesis vectors', () => {
  for (const c of loadCases('log').filter((v) => v['kind'] === 'genesis')) {
    it(`${c.valid ? 'accepts' : 'rejects'} ${c.name}`, async () => {
      if (!c.valid) return void (await codeOf(() => decodeGenesis(bytesOf(c['genesis']))))
      expect(decodeGenesis(bytesOf(c['genesis']))).toMatchObject({ origin: c['origin'], caip2: c['caip2'] })
    })
  }
})

describe('message vectors', () => {
  const readers: Readonly<Record<string, (bytes: Uint8Array) => unknown>> = {
    birth: decodeBirth,
    status: decodeStatus,
    beacon: decodeBeacon,
    receipt: decodeReceiptMessage,
    head: (bytes) => decodeStatement(bytes, pureHash),
  }
  for (const c of loadCases('messages')) {
    const kind = String(c['kind'])
    it(`${c.valid ? 'accepts' : 'rejects'} ${kind}: ${c.name}`, async () => {
      const read = () => (kind === 'topic' ? parseTopic(String(c['topic'])) : readers[kind]!(bytesOf(c['bytes'])))
      if (!c.valid) return void (await codeOf(read))
      expect(() => read()).not.toThrow()
    })
  }
})

describe('sealed vectors', () => {
  for (const c of loadCases('sealed').filter((v) => v.valid)) {
    it(`opens ${c.name}`, () => {
      const boxes = (c['boxes'] as string[][]).map(([recipient, ephemeral, box]): SealedBox => {
        return { recipient: bytesOf(recipient), ephemeral: bytesOf(ephemeral), box: bytesOf(box) }
      })
      const secret = bytesOf(c['recipientSecret'])
      const recipient = toHex(nacl.box.keyPair.fromSecretKey(secret).publicKey)
      const key = openKey(boxes.find((box) => toHex(box.recipient) === recipient)!, secret)
      expect(toHex(key)).toBe(c['batchKey'])
      expect(toHex(openBody(bytesOf(c['body']), key))).toBe(c['columnBytes'])
      expect(toHex(sealedSeed(key, pureHash))).toBe(c['seed'])
    })
  }
})

function rpcOf(chain: Chain, trust: { caip2: string; registry: string }): Rpc {
  const number = (value: number): Uint8Array => wordOf(fromHex(value.toString(16).padStart(16, '0')))
  const words = (...all: Uint8Array[]): string => `0x${all.map(toHex).join('')}`
  const block = (tag: unknown): unknown => {
    const tx = chain.transaction
    if (tag === 'finalized')
      return blockJson({ number: (tx?.blockNumber ?? 0) - (tx?.final ? 0 : 1), hash: '00'.repeat(32), time: 1 })
    if (tx && Number(tag) === tx.blockNumber) {
      return blockJson({
        number: tx.blockNumber,
        hash: tx.canonical ? tx.blockHash : '00'.repeat(32),
        time: tx.blockTime,
      })
    }
    const found = chain.blocks.find((b) => b.number === Number(tag))
    return found ? blockJson(found) : null
  }
  const blockJson = (b: { number: number; hash: string; time: number }): unknown => {
    return { number: toRpcQuantity(b.number), hash: `0x${b.hash}`, timestamp: toRpcQuantity(b.time) }
  }
  const call = (data: string): string => {
    const is = (signature: string): boolean => data.startsWith(toRpcData(keccak256(utf8(signature)).subarray(0, 4)))
    const argument = (i: number): string => data.slice(10 + i * 64, 74 + i * 64)
    if (is('anchorLog()')) return words(wordOf(fromHex(chain.anchorLog)))
    if (is('keyOf(bytes32)')) {
      const k = chain.keys.find((key) => key.thumbprint === argument(0))
      if (!k) return words(...Array.from({ length: 5 }, () => new Uint8Array(32)))
      const machine = wordOf(machineIdBytes(machineId(k.machine)))
      return words(machine, ...[k.fromBlock, k.retiredSeq, k.revokedBlock, k.flags].map(number))
    }
    const home = chain.homes.find(
      (h) => toHex(machineIdBytes(machineId(h.machine))) === argument(0).slice(32) && h.logId === argument(1),
    )
    return words(number(home?.since ?? 0), number(home?.until ?? 0))
  }
  return async (method, params) => {
    if (method === 'eth_chainId') return toRpcQuantity(chainIdOf(trust.caip2))
    if (method === 'eth_getBlockByNumber') return block(params[0])
    if (method === 'eth_call') return call((params[0] as { data: string }).data)
    const tx = chain.transaction
    if (tx === null || params[0] !== `0x${tx.txHash}`) return null
    const topic = toRpcData(keccak256(utf8('TreeHead(bytes32,uint64,bytes32)')))
    return {
      status: toRpcQuantity(tx.status),
      blockNumber: toRpcQuantity(tx.blockNumber),
      blockHash: `0x${tx.blockHash}`,
      transactionHash: `0x${tx.txHash}`,
      logs: tx.treeHeads.map((h) => ({
        address: `0x${h.address}`,
        topics: [topic, `0x${h.logId}`],
        data: words(number(h.size), hash32(fromHex(h.root))),
      })),
    }
  }
}
