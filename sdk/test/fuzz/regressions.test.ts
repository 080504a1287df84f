import { describe, expect, it } from 'vitest'
import { FieldproofError } from '../../src/base/index.ts'
import { fetchCall, fetchChainId } from '../../src/evm/index.ts'
import { fetchGatewayInfo, httpRpc } from '../../src/node/index.ts'
import { initStation } from '../../src/node/station-files.ts'
import { Random } from './random.ts'
import { scratchPath, withFetch } from './scratch.ts'
import { OFFERED, offeredBy } from './targets/node.ts'

async function codeOf(task: () => unknown): Promise<string> {
  try {
    await task()
    return 'accepted'
  } catch (error) {
    if (error instanceof FieldproofError) return error.code
    throw error
  }
}

describe('found by fuzzing', () => {
  it('an RPC endpoint whose user part is not percent-encoded UTF-8 is a fault of the configuration', async () => {
    for (const user of ['%', '%zz', 'a:%ff', '%c3:b']) {
      expect(await codeOf(() => httpRpc(`http://${user}@127.0.0.1:8545`))).toBe('config-invalid')
    }
  })

  it('an answer of a gateway that is no UTF-8 is an invalid message', async () => {
    const task = (): Promise<unknown> => fetchGatewayInfo('http://gateway.invalid')
    expect(await codeOf(() => withFetch(() => new Response(Uint8Array.of(0xff)), task))).toBe('message-invalid')
  })

  it('data of a node is read whatever its length', async () => {
    const long = `0x${'ab'.repeat(8 * 1024 * 1024)}`
    expect((await fetchCall(async () => long, new Uint8Array(20), new Uint8Array(4))).length).toBe(8 * 1024 * 1024)
    expect(await codeOf(() => fetchCall(async () => `${long}a`, new Uint8Array(20), new Uint8Array(4)))).toBe(
      'rpc-invalid',
    )
    expect(await codeOf(() => fetchChainId(async () => long))).toBe('rpc-invalid')
  })

  it.each([{ nonce: 0.5 }, { nonce: -1 }, { nonce: 2 ** 53 }, { deadline: -1 }, { deadline: 0.5 }, { deadline: '9' }])(
    'an enrolment offer of numbers that count nothing is refused: %j',
    async (change) => {
      const dir = scratchPath('offer')
      const task = (): Promise<unknown> => initStation(dir, 'http://gateway.invalid', OFFERED.atMs)
      expect(await codeOf(() => withFetch(offeredBy({ ...OFFERED.offer, ...change }), task))).toBe('enrol-refused')
    },
  )
})

describe('the chance behind the inputs', () => {
  it('is the same for the same seed and name, and another for another', () => {
    const draw = (seed: number, name: string): number[] => {
      const random = new Random(seed, name)
      return Array.from({ length: 8 }, () => random.next())
    }
    expect(draw(1, 'a')).toEqual(draw(1, 'a'))
    expect(draw(1, 'b')).not.toEqual(draw(1, 'a'))
    expect(draw(2, 'a')).not.toEqual(draw(1, 'a'))
  })
})
