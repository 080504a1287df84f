/** `fieldproof proof` against a gateway that serves what a test gives it. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { machineIdOf } from '../../src/base/index.ts'
import { pureHash, thumbprint } from '../../src/crypto/index.ts'
import { createRecipientKey } from '../../src/node/recipient-key.ts'
import { addRows, decodeBundle, encodeBundle, encodePlace, verifyBundle } from '../../src/verify/index.ts'
import { decodeBatch } from '../../src/wire/index.ts'
import { makeWorld, REGISTRY, rpcOf, signerOf, type World } from '../verify/fixture.ts'
import { run } from './cli-kit.ts'

const dir = mkdtempSync(join(tmpdir(), 'proof-'))
const output = join(dir, 'out.fpproof')
const keyFile = join(dir, 'reader.key')
const machine = machineIdOf(thumbprint(signerOf(7), pureHash))
const asked: string[] = []
let world: World
/** Whether the gateway sends the sealed batch whatever is asked. */
let swapped = false
/** The same without seals. */
let open: World
let server: Server
let gateway: string

beforeAll(async () => {
  const { publicKey } = await createRecipientKey(keyFile)
  world = await makeWorld(7, [publicKey])
  open = await makeWorld(7)
  server = createServer((request, response) => {
    const url = request.url ?? ''
    asked.push(url)
    const body = answer(new URL(url, 'http://gateway'))
    if (body === null) response.writeHead(404).end('{}')
    else response.end(body)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  gateway = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterAll(async () => {
  await new Promise((done) => server.close(done))
  rmSync(dir, { recursive: true })
})

function answer({ pathname, searchParams }: URL): Uint8Array | null {
  if (pathname === '/v1/proof') return searchParams.has('at') ? open.bytes : newest()
  if (pathname === '/v1/place') return encodePlace(world.place, pureHash)
  const wanted = swapped ? '2' : searchParams.get('sequence')
  const batch = world.batches.find(({ sequence }) => String(sequence) === wanted)
  return pathname === '/v1/batch' ? (batch?.message ?? null) : null
}

/** Row 1 of the newest batch. */
function newest(): Uint8Array {
  const [, batch] = open.batches
  const place = { ...open.place, statements: open.place.statements.slice(1) }
  if (batch === undefined) return expect.fail('two batches')
  return encodeBundle(addRows(place, [{ batch: decodeBatch(batch.message), rows: [1] }], pureHash), pureHash)
}

const proof = (...args: string[]) => run('proof', '--gateway', gateway, '--output', output, ...args)

describe('fieldproof proof', () => {
  it('asks for rows of many batches at once', async () => {
    asked.length = 0
    const { code, out } = await proof(...['1:2', '2:1', '2:3'].flatMap((row) => ['--at', `${machine}:${row}`]))
    expect(code).toBe(0)
    expect(out).toBe(`${output}: ${open.bytes.length} bytes`)
    const at = ['1:2', '2:1', '2:3'].map((row) => `&at=${encodeURIComponent(`${machine}:${row}`)}`)
    expect(asked).toEqual([`/v1/proof?form=transaction${at.join('')}`])
    expect(new Uint8Array(readFileSync(output))).toEqual(open.bytes)
  })

  it('names the log index where a sequence stands twice', async () => {
    asked.length = 0
    const rows = ['1@1:2', '2@2:1', '2@2:3'].flatMap((row) => ['--at', `${machine}:${row}`])
    expect((await proof(...rows)).code).toBe(0)
    expect(asked[0]).toContain(encodeURIComponent(`${machine}:2@2:3`))
    expect((await proof(...rows.map((row) => row.replace('1@1', '1@2')))).err).toContain('other rows than')
  })

  it('asks for the newest batch of a machine, and for the state', async () => {
    asked.length = 0
    expect((await proof('--machine', machine, '--offline')).code).toBe(0)
    expect(asked).toEqual([`/v1/proof?form=state&machine=${machine}&row=1`])
  })

  it('opens sealed rows here: the gateway hears of batches, not of rows', async () => {
    asked.length = 0
    const rows = ['--at', `${machine}:2:3`, '--at', `${machine}:1:1`, '--at', `${machine}:2:1`]
    const { code, err } = await proof(...rows, '--open-with', keyFile)
    expect(err).toBe('')
    expect(code).toBe(0)
    expect(asked.join()).not.toMatch(/%3A[0-9]+%3A[0-9]/)
    const bytes = new Uint8Array(readFileSync(output))
    expect(decodeBundle(bytes, pureHash).rows.map(({ statement, index }) => [statement, index])).toEqual([
      [0, 1],
      [1, 1],
      [1, 3],
    ])
    const rpc = rpcOf(world.chain, (method) => expect.fail(method))
    expect((await verifyBundle(bytes, { trust: { registry: REGISTRY }, rpc })).verdict).toBe('pass')
  })

  it('refuses other rows than those that were asked for, and writes nothing', async () => {
    const target = join(dir, 'other.fpproof')
    const args = ['proof', '--gateway', gateway, '--output', target]
    const made = await run(...args, '--at', `${machine}:1:1`)
    expect(made).toMatchObject({ code: 1, err: expect.stringContaining('other rows than') })
    // A gateway that sends another batch, sealed for the same key, would have it shown.
    swapped = true
    const opened = await run(...args, '--at', `${machine}:1:3`, '--open-with', keyFile)
    swapped = false
    expect(opened).toMatchObject({ code: 1, err: expect.stringContaining('other rows than') })
    expect(() => readFileSync(target)).toThrow('ENOENT')
  })

  it('refuses a key for which nothing was sealed, and writes nothing', async () => {
    const stranger = join(dir, 'stranger.key')
    await createRecipientKey(stranger)
    const target = join(dir, 'nothing.fpproof')
    const args = ['proof', '--gateway', gateway, '--output', target, '--open-with', stranger]
    const { code, err } = await run(...args, '--at', `${machine}:1:1`, '--at', `${machine}:2:1`)
    expect(code).toBe(1)
    expect(err).toContain('sealed-open-failed')
    expect(() => readFileSync(target)).toThrow('ENOENT')
  })

  it.each<[string, readonly string[]]>([
    ['neither machine nor --at', []],
    ['--at and --machine', ['--at', `${machine}:1:1`, '--machine', machine]],
    ['--at without a row', ['--at', `${machine}:1`]],
    ['--at with too much', ['--at', `${machine}:1:1:1`]],
    ['a log index that is no number', ['--at', `${machine}:1@x:1`]],
    ['two log indexes', ['--at', `${machine}:1@2@3:1`]],
    ['a sequence that is no number', ['--at', `${machine}:x:1`]],
    ['--open-with without a batch', ['--machine', machine, '--open-with', keyFile]],
  ])('refuses %s', async (_name, args) => {
    const { code, err } = await proof(...args)
    expect(code).toBe(2)
    expect(err).toContain('usage')
  })
})
