import { describe, expect, it } from 'vitest'
import { equalBytes, FieldproofError, fromHex, hash32, toHex } from '../../src/base/index.ts'
import { decodeCoseKey, pureEd25519, pureHash, pureP256, pureSuites, thumbprint } from '../../src/crypto/index.ts'
import { enrolmentDigest, logIdOf, readTreeHead } from '../../src/evm/index.ts'
import {
  encodeVerifierKey,
  leafHash,
  MerkleTree,
  parseTilePath,
  rootFromInclusion,
  tilePath,
  verifyCheckpoint,
  verifyConsistency,
} from '../../src/merkle/index.ts'
import { bytesOf, type Case, codeOf, loadCases } from './load.ts'

const hashes = (field: unknown): Uint8Array[] => (field as string[]).map((hex) => fromHex(hex))

describe('merkle vectors', () => {
  const cases = loadCases('merkle')
  const leaves = cases
    .filter((c) => c['kind'] === 'inclusion' && c.valid && c['size'] === 20)
    .map((c) => bytesOf(c['leaf']))

  it('builds every root of the file', () => {
    const tree = new MerkleTree(pureHash)
    for (const leaf of leaves) tree.append(leaf)
    const roots = cases.filter((c) => c['kind'] === 'root')
    expect(roots).toHaveLength(20)
    for (const c of roots) expect(toHex(tree.root(Number(c['size'])))).toBe(c['root'])
  })

  for (const c of cases.filter((v) => v['kind'] !== 'root')) {
    it(`${c.valid ? 'accepts' : 'rejects'} ${String(c['kind'])} ${c.name}`, async () => {
      const check = (): boolean => (c['kind'] === 'inclusion' ? includes(c) : consistent(c))
      if (c.valid) return expect(check()).toBe(true)
      // A path of the right length that leads elsewhere gives another root; everything else is refused.
      const outcome = await codeOf(() => {
        if (!check()) throw new FieldproofError('proof-invalid', 'another root')
      })
      expect(outcome).toBe(c.error)
    })
  }
})

describe('checkpoint, tile and anchor vectors', () => {
  for (const c of loadCases('log').filter((v) => v['kind'] === 'checkpoint')) {
    it(`${c.valid ? 'accepts' : 'rejects'} ${c.name}`, async () => {
      const vkey = encodeVerifierKey(String(c['origin']), bytesOf(c['publicKey']), pureHash)
      const check = () => verifyCheckpoint(String(c['checkpoint']), vkey, pureEd25519, pureHash)
      if (!c.valid) return expect(await codeOf(check)).toBe(c.error)
      const checkpoint = await check()
      expect([checkpoint.size, toHex(checkpoint.root), vkey]).toEqual([c['size'], c['root'], c['vkey']])
    })
  }
  for (const c of loadCases('log').filter((v) => v['kind'] === 'tile-path')) {
    it(`spells ${c.name}`, () => {
      const tile = { level: c['level'] as number | 'entries', index: Number(c['index']), width: Number(c['width']) }
      expect(tilePath(tile.level, tile.index, tile.width)).toBe(c['path'])
      expect(parseTilePath(String(c['path']))).toMatchObject(tile)
    })
  }
  for (const c of loadCases('anchor')) {
    it(`agrees on ${c.name}`, () => {
      if (c['kind'] === 'log-id') {
        const genesis = hash32(leafHash(pureHash, bytesOf(c['genesis'])))
        expect([toHex(genesis), toHex(logIdOf(bytesOf(c['owner']), genesis))]).toEqual([
          c['genesisLeafHash'],
          c['logId'],
        ])
      } else if (c['kind'] === 'tree-head') {
        const head = readTreeHead(hashes(c['topics']), bytesOf(c['data']))
        expect(head && [toHex(head.logId), head.size, toHex(head.root)]).toEqual([c['logId'], c['size'], c['root']])
      } else if (c['kind'] === 'enrol') {
        const key = decodeCoseKey(bytesOf(c['key']), pureSuites)
        const digest = enrolmentDigest({
          chainId: Number(c['chainId']),
          registry: bytesOf(c['registry']),
          owner: bytesOf(c['owner']),
          homeLog: hash32(bytesOf(c['homeLog'])),
          thumbprint: thumbprint(key, pureHash),
          nonce: Number(c['nonce']),
          deadline: Number(c['deadline']),
        })
        expect(toHex(digest)).toBe(c['digest'])
        expect(pureP256.verify(key.publicKey, digest, bytesOf(c['signature']))).toBe(true)
      } else expect(['log-slots', 'key-slot', 'home-slot', 'rotate']).toContain(c['kind']) // the contracts' tests read these
    })
  }
})

function includes(c: Case): boolean {
  const proof = {
    leafHash: bytesOf(c['leaf']),
    index: Number(c['index']),
    size: Number(c['size']),
    path: hashes(c['path']),
  }
  return equalBytes(rootFromInclusion(pureHash, proof), bytesOf(c['root']))
}

function consistent(c: Case): boolean {
  verifyConsistency(pureHash, {
    oldSize: Number(c['size1']),
    oldRoot: bytesOf(c['root1']),
    newSize: Number(c['size2']),
    newRoot: bytesOf(c['root2']),
    path: hashes(c['path']),
  })
  return true
}
