/** Headers that a node gives are rebuilt as bytes, and slots are found, before anything is proven with them. */
import { equalBytes, fromHex, hash32 } from '@fieldproof/sdk/base'
import { headSlots, keccak256, type Rpc, toRpcQuantity } from '@fieldproof/sdk/evm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fetchHeader } from '../../src/anchor/header.ts'
import { type AnvilKit, startAnvil } from './anvil-kit.ts'

type Fields = Record<string, unknown>

let kit: AnvilKit
let newest: number

beforeAll(async () => {
  kit = await startAnvil()
  await kit.mine(2)
  newest = Number(await kit.rpc('eth_blockNumber', []))
})

afterAll(() => kit.chain.stop())

/** The real node, with one answer changed. */
function lying(method: string, change: (fields: Fields) => unknown): Rpc {
  return async (asked, params) => {
    const answer = await kit.rpc(asked, params)
    return asked === method ? change(structuredClone(answer) as Fields) : answer
  }
}

describe('a header', () => {
  it('is the bytes that the block hash is of, for every block from the first on', async () => {
    for (let number = 0; number <= newest; number++) {
      const { rlp, hash } = await fetchHeader(kit.rpc, number)
      expect(equalBytes(keccak256(rlp), hash)).toBe(true)
    }
  })

  it.each(['parentHash', 'stateRoot', 'number', 'timestamp', 'baseFeePerGas', 'requestsHash', 'extraData'])(
    'is refused when %s is changed or left out',
    async (field) => {
      const changed = lying('eth_getBlockByNumber', (fields) => ({
        ...fields,
        [field]: field === 'extraData' ? '0x01' : String(fields[field]).replace(/.$/, (d) => (d === '1' ? '2' : '1')),
      }))
      await expect(fetchHeader(changed, newest)).rejects.toMatchObject({ code: 'rpc-invalid' })
      if (['number', 'timestamp', 'stateRoot'].includes(field)) return // without these it is no block
      const without = lying('eth_getBlockByNumber', ({ [field]: _left, ...rest }) => rest)
      await expect(fetchHeader(without, newest)).rejects.toMatchObject({ code: 'rpc-invalid' })
    },
  )

  it('comes raw from a node of a chain with header fields that we do not know', async () => {
    const { rlp, hash } = await fetchHeader(kit.rpc, newest)
    const strange: Rpc = async (method, params) => {
      if (method === 'debug_getRawHeader') return `0x${Buffer.from(rlp).toString('hex')}`
      return { ...((await kit.rpc(method, params)) as Fields), requestsHash: undefined }
    }
    expect((await fetchHeader(strange, newest)).rlp).toEqual(new Uint8Array(rlp))
    expect(equalBytes(keccak256(rlp), hash)).toBe(true)
  })

  it('is refused when it is of another block than the one that was asked for', async () => {
    const other: Rpc = (method, [, ...rest]) => kit.rpc(method, [toRpcQuantity(newest - 1), ...rest])
    await expect(fetchHeader(other, newest)).rejects.toMatchObject({ code: 'rpc-invalid' })
  })

  it('of a block that the node does not have is a failure that may pass', async () => {
    await expect(fetchHeader(kit.rpc, newest + 100)).rejects.toMatchObject({ code: 'rpc-failed' })
  })
})

describe('the slots of a log', () => {
  it('follow each other, also over a byte boundary', () => {
    // keccak256(logId . 0) of this id ends in ff.
    for (let i = 0; ; i++) {
      const logId = hash32(fromHex(i.toString(16).padStart(64, '0')))
      const [root, head] = headSlots(logId)
      if (root[31] !== 0xff) continue
      expect(head[31]).toBe(0)
      expect(head[30]).toBe(((root[30] ?? 0) + 1) % 256)
      break
    }
  })
})
