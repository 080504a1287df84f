/** What a log says in public: not before it is durable, the same for ever, and of which log it is the continuation. */
import { generateKeyPairSync } from 'node:crypto'
import { fromHex, hash32 } from '@fieldproof/sdk/base'
import { nativeHash } from '@fieldproof/sdk/native'
import { decodeGenesis, type Genesis } from '@fieldproof/sdk/verify'
import { describe, expect, it } from 'vitest'
import { genesisOf } from '../../src/config/genesis.ts'
import { signerOf } from '../../src/config/log-key.ts'
import { parseConfig } from '../../src/index.ts'
import { type Ledger, type LedgerOptions, MemoryStore, openLedger, type Store } from '../../src/ledger/index.ts'
import { entryOf, TestMachine } from '../gateway/machine-kit.ts'

const signer = signerOf(generateKeyPairSync('ed25519').privateKey)
const genesis = {
  origin: 'example.org/log',
  logKey: signer.publicKey,
  caip2: 'eip155:1',
  anchorLog: new Uint8Array(20).fill(1),
  predecessor: null,
}

async function open(store: Store, more: Partial<LedgerOptions> = {}): Promise<Ledger> {
  return await openLedger({ store, hash: nativeHash, signer, genesis, create: true, ...more })
}

/** A store whose call of `held` waits until it is let go. */
function gated(store: Store, held: string): { store: Store; reached: Promise<void>; release: () => void } {
  let release = (): void => undefined
  let reach = (): void => undefined
  const gate = new Promise<void>((resolve) => {
    release = resolve
  })
  const reached = new Promise<void>((resolve) => {
    reach = resolve
  })
  const proxy = new Proxy(store, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name)
      if (typeof method !== 'function') return method
      if (name !== held) return method.bind(target)
      return async (...args: unknown[]) => {
        reach()
        await gate
        return await method.apply(target, args)
      }
    },
  })
  return { store: proxy, reached, release }
}

describe('a checkpoint', () => {
  it('is published after it is stored with the signature of its receipts, and they with it (LOG-22)', async () => {
    const memory = new MemoryStore()
    await (await open(memory)).close()
    const machine = new TestMachine()
    const { store, reached, release } = gated(memory, 'signCheckpoint')
    let told = 0
    const ledger = await open(store, {
      onSettled: () => {
        told += 1
      },
    })
    const note = ledger.checkpoint()
    await ledger.append(entryOf(machine, machine.next()))
    await reached
    expect(ledger.tree.size).toBe(2)
    expect(ledger.checkpoint()).toBe(note)
    await expect(ledger.receipt(1)).rejects.toMatchObject({ code: 'not-found' })
    expect(() => ledger.receiptsAt(2)).toThrowError(expect.objectContaining({ code: 'tree-range' }))
    expect(told).toBe(0)
    release()
    await ledger.close()
    expect(told).toBe(1)
    const stored = await memory.newestCheckpoint()
    expect(stored).toEqual({ ...ledger.head, signatures: ledger.head.signatures })
    expect(stored?.signatures?.receipt).toHaveLength(64)
    expect(stored?.signatures?.note).toHaveLength(64)
    expect(await ledger.receipt(1)).toEqual(ledger.receiptsAt(2)(1))
  })
})

describe('a receipt', () => {
  it('has the same bytes for a statement and a size, also after a restart and at a larger log (RCPT-13)', async () => {
    const store = new MemoryStore()
    const machine = new TestMachine()
    const first = await open(store)
    await first.append(entryOf(machine, machine.next()))
    await first.close()
    const receipt = await first.receipt(1)
    expect(first.receiptsAt(2)(1)).toEqual(receipt)
    for (let start = 0; start < 3; start++) {
      const again = await open(store)
      await again.append(entryOf(machine, machine.next()))
      await again.close()
      expect(again.head.size).toBe(3 + start)
      expect(await again.receipt(1)).toEqual(receipt)
      expect(again.receiptsAt(2)(1)).toEqual(receipt)
    }
  })
})

describe('a log that continues another', () => {
  it('names log and last good size in leaf 0, and is no other log (LOG-6)', async () => {
    const logId = 'ab'.repeat(32)
    const config = (size: number): ReturnType<typeof parseConfig> =>
      parseConfig({ origin: 'example.org/log', dataDir: 'unused', predecessor: { logId: `0x${logId}`, size } })
    const continued = (size: number): Genesis => ({ ...genesis, ...genesisOf(config(size), signer, null) })
    const store = new MemoryStore()
    const ledger = await open(store, { genesis: continued(7) })
    await ledger.close()
    const [leaf] = await store.readLeaves(0, 1)
    expect(decodeGenesis(leaf?.bytes ?? new Uint8Array()).predecessor).toEqual({
      logId: hash32(fromHex(logId)),
      size: 7,
    })
    await expect(open(store, { genesis: continued(8) })).rejects.toMatchObject({ code: 'config-invalid' })
    await expect(open(store)).rejects.toMatchObject({ code: 'config-invalid' })
  })
})
