/** `fieldproof verify --block-hash`, on the proofs of the vectors: no node is there to be asked. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fromHex } from '../../src/base/index.ts'
import { run } from './cli-kit.ts'

interface Case {
  readonly name: string
  readonly bundle: string
  readonly trust: { readonly caip2: string; readonly registry: string }
  readonly blockHash: string
}

const dir = mkdtempSync(join(tmpdir(), 'offline-'))
const at = (name: string): string => join(dir, name)
let proof: Case
let noBeacon: Case

function vectors(file: string): readonly Case[] {
  const text = readFileSync(new URL(`../../../schemas/vectors/${file}.json`, import.meta.url), 'utf8')
  return (JSON.parse(text) as { cases: Case[] }).cases
}

function named(name: string): Case {
  return vectors('state').find((c) => c.name === name) ?? expect.fail(`no vector ${name}`)
}

beforeAll(() => {
  proof = named('beacon that is the newest block before the header')
  noBeacon = named('beacon whose header the file does not hold')
  const transaction = vectors('bundle')[0] ?? expect.fail('no bundle')
  for (const [name, { bundle }] of Object.entries({ proof, noBeacon, transaction })) {
    writeFileSync(at(`${name}.fpproof`), fromHex(bundle))
  }
  const { caip2, registry } = proof.trust
  const trust = { rpc: 'http://127.0.0.1:1', chainId: Number(caip2.split(':')[1]), registry: `0x${registry}` }
  writeFileSync(at('trust.json'), JSON.stringify(trust))
  const { chainId: _, ...chainless } = trust
  writeFileSync(at('chainless.json'), JSON.stringify(chainless))
})

afterAll(() => rmSync(dir, { recursive: true }))

/** `fieldproof verify` of a file with the hash of a block; a later option overrides an earlier one. */
const verify = (name: string, hash: string, ...more: string[]) =>
  run('verify', at(`${name}.fpproof`), '--trust', at('trust.json'), `--block-hash=${hash}`, ...more)

describe('fieldproof verify --block-hash', () => {
  it('passes with the hash of the block and nothing else', async () => {
    const { code, out } = await verify('proof', `0x${proof.blockHash}`)
    expect(out).toContain('VERIFIED')
    expect(out).toMatch(/Signed after {2}\d{4}-/)
    expect(out).toContain('has the hash that you named')
    expect(code).toBe(0)
  })

  it('says that the lower bound is unverified when the file does not show the beacon', async () => {
    const { code, out } = await verify('noBeacon', `0x${noBeacon.blockHash}`)
    expect(code).toBe(0)
    expect(out).toContain('lower bound unverified')
    expect(out).toContain('Signed after  unverified')
  })

  it('refuses a block with another hash', async () => {
    const { code, out } = await verify('proof', `0x${'11'.repeat(32)}`)
    expect(code).toBe(1)
    expect(out).toContain('not the block you named')
    expect(out).toContain('REFUSED')
  })

  it('refuses a proof of another chain than the trusted one', async () => {
    const { code, out } = await verify('proof', `0x${proof.blockHash}`, '--chain-id', '1')
    expect(code).toBe(1)
    expect(out).toContain('you trust the contracts on eip155:1')
  })

  it('cannot check a proof that names a transaction, and says which proof it needs', async () => {
    const { code, out } = await verify('transaction', `0x${proof.blockHash}`)
    expect(code).toBe(2)
    expect(out).toContain('a proof with the state needs none')
    expect(out).toContain('NOT CHECKED')
  })

  it('wants to know the chain, which no header names', async () => {
    const { code, err } = await verify('proof', `0x${proof.blockHash}`, '--trust', at('chainless.json'))
    expect(code).toBe(2)
    expect(err).toContain('--chain-id')
  })

  it.each(['', '0x12', `0x${'zz'.repeat(32)}`, 'latest'])('refuses the block hash %j', async (hash) => {
    const { code, err } = await verify('proof', hash)
    expect(code).toBe(2)
    expect(err).toContain('block-hash: want 0x and 64 hex digits')
  })

  it('asks the node of --rpc as well when both are given, and cannot check when it does not answer', async () => {
    const { code, out } = await verify('proof', `0x${proof.blockHash}`, '--rpc', 'http://127.0.0.1:1')
    expect(code).toBe(2)
    expect(out).toContain('NOT CHECKED')
  })
})
