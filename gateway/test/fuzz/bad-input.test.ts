import { sign } from 'node:crypto'
import { equalBytes, FieldproofError, fromHex, statementId } from '@fieldproof/sdk/base'
import { decodeStatement, encodeStatement, normalizeS, statementToBeSigned } from '@fieldproof/sdk/crypto'
import { nativeHash } from '@fieldproof/sdk/native'
import { decodeBatch, encodeBatch, encodeCbor } from '@fieldproof/sdk/wire'
import { describe, expect, it } from 'vitest'
import { withFetch } from '../../../sdk/test/fuzz/scratch.ts'
import { vectorCases } from '../../../sdk/test/fuzz/vectors.ts'
import { httpRpc } from '../../src/anchor/http-rpc.ts'
import { checkBatch } from '../../src/ingest/check-batch.ts'
import { refusalOf } from '../../src/ingest/refusal.ts'
import { TestMachine } from '../gateway/machine-kit.ts'
import { makePlace, RECEIVED_AT } from './place.ts'

const [OPEN, SEALED] = ['batch', 'sealed'].map((file) =>
  fromHex(String(vectorCases(file).find((c) => c.valid)?.['message'])),
)

async function refusalFor(message: Uint8Array): Promise<string> {
  const { context, machine } = await makePlace()
  return checkBatch(message, machine, context, RECEIVED_AT).then(
    () => 'accepted',
    (error: unknown) => refusalOf(error)?.code ?? 'none',
  )
}

describe('a batch message', () => {
  const open = decodeBatch(OPEN ?? new Uint8Array(0))
  const sealed = decodeBatch(SEALED ?? new Uint8Array(0))
  if (open.kind !== 'open' || sealed.kind !== 'sealed') throw new Error('one vector of each')
  const { boxes, body, statement } = sealed

  it.each<[string, () => Uint8Array, string]>([
    ['as it was sent', () => encodeBatch(open), 'accepted'],
    ['sealed, as it was sent', () => encodeBatch(sealed), 'accepted'],
    [
      'with a body swapped for another',
      () => encodeBatch({ ...sealed, body: body.map((b) => b ^ 1) }),
      'sealed-mismatch',
    ],
    [
      'sealed under the statement of an open one',
      () => encodeBatch({ ...sealed, statement: open.statement }),
      'sealed-mismatch',
    ],
    ['open under the statement of a sealed one', () => encodeBatch({ ...open, statement }), 'sealed-mismatch'],
    [
      'with 17 boxes',
      () => encodeBatch({ ...sealed, boxes: Array.from({ length: 17 }, () => boxes[0]!) }),
      'malformed',
    ],
    ['with no box', () => encodeCbor([statement, null, [body, []]]), 'malformed'],
    ['with another seed', () => encodeBatch({ ...open, seed: new Uint8Array(32) }), 'root-mismatch'],
    ['of 100 kB', () => new Uint8Array(100_000).fill(0x81), 'too-large'],
    ['of 60 kB of arrays in arrays', () => new Uint8Array(60_000).fill(0x81), 'too-large'],
    ['of nothing', () => new Uint8Array(0), 'malformed'],
  ])('is judged by its own code: %s', async (_what, message, code) => {
    expect(await refusalFor(message())).toBe(code)
  })
})

describe('a statement that was signed twice', () => {
  it('has one id, so the second is a duplicate and no fork', async () => {
    const { ledger, store, directory, context } = await makePlace()
    const machine = new TestMachine()
    await directory.announce(machine.id, machine.birth())
    const { message, said } = machine.next()
    const batch = decodeBatch(message)
    const toBeSigned = statementToBeSigned(said)
    const signature = sign('sha256', toBeSigned, { key: machine.privateKey, dsaEncoding: 'ieee-p1363' })
    const again = encodeBatch({ ...batch, statement: encodeStatement(said, normalizeS(new Uint8Array(signature))) })
    expect(equalBytes(again, message)).toBe(false)
    const entries = [
      await checkBatch(message, machine.id, context, RECEIVED_AT),
      await checkBatch(again, machine.id, context, RECEIVED_AT),
    ]
    expect(entries.map(({ id }) => id)).toEqual(
      Array.from({ length: 2 }, () => statementId(nativeHash.sha256(toBeSigned))),
    )
    const outcomes = []
    for (const entry of entries) outcomes.push((await ledger.append(entry)).kind)
    expect(outcomes).toEqual(['logged', 'duplicate'])
    expect(await store.forks()).toEqual([])
    expect(decodeStatement(batch.statement, nativeHash).id).toEqual(entries[0]?.id)
  })
})

describe('an error of a node', () => {
  it('is a refusal of the request however deep and long its data is', async () => {
    const deep = `${'{"data":'.repeat(200_000)}"0x"${'}'.repeat(200_000)}`
    for (const data of [deep, `"0x${'ab'.repeat(8 * 1024 * 1024)}"`, '{"data":"0x1"}', '[[]]']) {
      const text = `{"jsonrpc":"2.0","id":1,"error":{"code":3,"message":"reverted","data":${data}}}`
      const call = withFetch(
        () => new Response(text),
        () => httpRpc('http://node.invalid')('eth_call', []),
      )
      await expect(call).rejects.toSatisfy((error) => error instanceof FieldproofError && error.code === 'rpc-failed')
    }
  })
})
