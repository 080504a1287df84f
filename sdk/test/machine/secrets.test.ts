/** What must be random and new: it comes from the Entropy port, and nothing of it is used twice. */
import nacl from 'tweetnacl'
import { describe, expect, it } from 'vitest'
import { toHex } from '../../src/base/index.ts'
import { openKey, sealedSeed } from '../../src/crypto/index.ts'
import type { Entropy } from '../../src/machine/index.ts'
import { nativeHash } from '../../src/native/index.ts'
import { seededEntropy } from '../../src/testing/index.ts'
import { type Batch, decodeStatus } from '../../src/wire/index.ts'
import { type Rig, record, startRig, until, WEATHER } from './rig.ts'

const SOIL = { ...WEATHER, name: 'soil' }
const READERS = [5, 6].map((byte) => nacl.box.keyPair.fromSecretKey(new Uint8Array(32).fill(byte)))

/** Everything that the Entropy port gave, in hex, as if it were a true source. */
function watchedEntropy(): { drawn: string[]; entropy: (boot: number) => Entropy } {
  const drawn: string[] = []
  const entropy = (boot: number): Entropy => {
    const source = seededEntropy(boot)
    return (length) => {
      const bytes = source(length)
      drawn.push(toHex(bytes))
      return bytes
    }
  }
  return { drawn, entropy }
}

function expectOnceEach(values: readonly string[], drawn: readonly string[]): void {
  expect(new Set(values).size).toBe(values.length)
  for (const value of values) expect(drawn.filter((d) => d === value)).toHaveLength(1)
}

const batchesOf = (rig: Rig): Batch[] => rig.gateway.logged.map(({ batch }) => batch)

describe('a machine', () => {
  it('draws 32 bytes for the seed of every batch, over its streams and starts (BATCH-10)', async () => {
    const { drawn, entropy } = watchedEntropy()
    const rig = await startRig({ entropy, streams: [{ definition: WEATHER }, { definition: SOIL }] })
    await measure(rig, 2)
    await rig.restart()
    await measure(rig, 2)
    const seeds = batchesOf(rig).map((batch) => (batch.kind === 'open' ? toHex(batch.seed) : 'sealed'))
    expect(seeds).toHaveLength(8)
    expect(seeds.every((seed) => seed.length === 64)).toBe(true)
    expectOnceEach(seeds, drawn)
  })

  it('draws the key of every sealed batch and the ephemeral key of every box, and uses none twice (BATCH-30)', async () => {
    const { drawn, entropy } = watchedEntropy()
    const recipients = READERS.map(({ publicKey }) => publicKey)
    const rig = await startRig({ entropy, streams: [WEATHER, SOIL].map((definition) => ({ definition, recipients })) })
    await measure(rig, 2)
    await rig.restart()
    await measure(rig, 2)
    const sealed = batchesOf(rig).flatMap((batch) => (batch.kind === 'sealed' ? [batch] : []))
    expect(sealed).toHaveLength(8)
    const keys = sealed.map(({ boxes }) => {
      const opened = boxes.map((box, i) => toHex(openKey(box, READERS[i]?.secretKey ?? new Uint8Array(32))))
      expect(new Set(opened).size).toBe(1)
      return opened[0] ?? ''
    })
    expectOnceEach(keys, drawn)
    const publicKeys = drawn
      .filter((hex) => hex.length === 64)
      .map((hex) => toHex(nacl.box.keyPair.fromSecretKey(Buffer.from(hex, 'hex')).publicKey))
    const ephemerals = sealed.flatMap(({ boxes }) => boxes.map(({ ephemeral }) => toHex(ephemeral)))
    expect(ephemerals).toHaveLength(16)
    expectOnceEach(ephemerals, publicKeys)
    // None serves as both, and no seed of a batch is a key of another.
    const seeds = keys.map((key) => toHex(sealedSeed(Buffer.from(key, 'hex'), nativeHash)))
    const ephemeralSecrets = drawn.filter((_, i) => drawn[i]?.length === 64 && !keys.includes(drawn[i] ?? ''))
    expect(ephemeralSecrets).toHaveLength(16)
    expect(new Set([...keys, ...seeds, ...ephemeralSecrets]).size).toBe(32)
  })

  it('draws 8 bytes at each start, which stand in every statement and status of it (HIST-3)', async () => {
    const { drawn, entropy } = watchedEntropy()
    const rig = await startRig({ entropy })
    const online: string[] = []
    rig.hub.subscribe(({ name, payload }) => {
      if (name === 'status' && decodeStatus(payload).online) online.push(toHex(decodeStatus(payload).boot))
    })
    const boots: string[] = []
    for (let start = 0; start < 4; start++) {
      if (start > 0) await rig.restart()
      boots.push(toHex(rig.machine.boot))
      const before = rig.gateway.logged.length
      await record(rig, 0, 8)
      await until(rig, () => rig.gateway.logged.length === before + 2)
    }
    expect(boots.every((boot) => boot.length === 16)).toBe(true)
    expectOnceEach(boots, drawn)
    expect(rig.gateway.logged.map(({ signed }) => toHex(signed.statement.boot))).toEqual(
      boots.flatMap((boot) => [boot, boot]),
    )
    expect([...new Set(online)]).toEqual(boots.slice(1)) // the first was said before anybody listened
  })
})

/** Records and logs batches of four rows in both streams. */
async function measure(rig: Rig, batches: number): Promise<void> {
  const before = rig.gateway.logged.length
  for (let count = 0; count < batches * 4; count++) {
    for (const stream of ['weather', 'soil']) await rig.machine.record(stream, { count })
  }
  await until(rig, () => rig.gateway.logged.length === before + 2 * batches)
}
