import { afterAll, beforeAll } from 'vitest'
import { type AnvilKit, sendForeign, startAnvil } from './anvil-kit.ts'
import { FakeChain, FakeLog, FINAL_DEPTH } from './fake-chain.ts'
import { targetContract } from './target-contract.ts'

targetContract('a target over the fake chain', FINAL_DEPTH, async () => {
  const log = new FakeLog(20)
  const chain = new FakeChain({ size: 1, root: log.rootAt(1) }, true)
  return {
    target: chain,
    log,
    mine: async (blocks = 1) => chain.mine(blocks),
    reorg: async (depth) => chain.reorg(depth, false),
    mineForeign: async () => chain.mineForeign(),
    dropPool: async () => chain.dropPool(),
  }
})

for (const finality of ['finalized', { depth: 4 }] as const) {
  const name = finality === 'finalized' ? 'that waits for the chain' : 'that counts blocks'
  let kit: AnvilKit
  let salt = 0

  beforeAll(async () => {
    kit = await startAnvil()
  })

  afterAll(() => kit.chain.stop())

  targetContract(`a target on anvil ${name}`, finality === 'finalized' ? 2 : finality.depth, async () => {
    await kit.rpc('evm_setAutomine', [true])
    await kit.rpc('anvil_dropAllTransactions', [])
    const { log, target } = await kit.openLog(20, ++salt, { finality })
    await kit.hold()
    return {
      target,
      log,
      mine: kit.mine,
      reorg: kit.reorg,
      mineForeign: async () => {
        await sendForeign(kit)
        await kit.mine()
      },
      dropPool: async () => {
        await kit.rpc('anvil_dropAllTransactions', [])
      },
    }
  })
}
