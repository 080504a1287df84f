/** The reference batch of all benches: 60 rows of 6 sensors, seeded random walks of the size that real sensors show. */
import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto'
import { machineIdOf } from '@fieldproof/sdk/base'
import { normalizeS, thumbprint } from '@fieldproof/sdk/crypto'
import { signBatch } from '@fieldproof/sdk/machine'
import { definitionHash } from '@fieldproof/sdk/merkle'
import { nativeHash } from '@fieldproof/sdk/native'
import { encodeDefinition } from '@fieldproof/sdk/wire'

/** Column, start and largest step of each walk, in units of the column's last digit. */
const SENSORS = [
  ['airTemperature', 'Cel', -2, 2137, 8],
  ['relativeHumidity', '%RH', -1, 554, 6],
  ['pressure', 'hPa', -1, 10132, 2],
  ['windSpeed', 'm/s', -1, 31, 12],
  ['rain', 'mm', -1, 0, 1],
  ['soilMoisture', '%', -1, 312, 2],
]

export const ROWS = 60
export const VALUES = ROWS * SENSORS.length

export const DEFINITION = {
  name: 'weather',
  columns: SENSORS.map(([name, unit, exponent]) => ({ name, unit, exponent, type: 'int' })),
  context: { cadenceMs: 1000 },
}
export const DEFINITION_BYTES = encodeDefinition(DEFINITION)
export const DEFINITION_HASH = definitionHash(nativeHash, DEFINITION_BYTES)

/** Deterministic numbers in [0, 1). */
export function random(seed) {
  let state = createHash('sha256').update(String(seed)).digest().readUInt32LE()
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

export function referenceRows(seed) {
  const next = random(seed)
  const values = SENSORS.map(([, , , start]) => start)
  return Array.from({ length: ROWS }, (_, i) => {
    SENSORS.forEach(([, , , , step], j) => {
      values[j] += Math.round((next() - 0.5) * 2 * step)
    })
    return { time: 1_790_000_000_000 + i * 1000, values: [...values] }
  })
}

/** A node:crypto signer of either curve from a seed. */
export function benchSigner(alg, seed) {
  const secret = createHash('sha256').update(`bench key ${seed}`).digest()
  const prefix =
    alg === -19
      ? '302e020100300506032b657004220420'
      : '3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420'
  const key = createPrivateKey({
    key: Buffer.concat([Buffer.from(prefix, 'hex'), secret]),
    format: 'der',
    type: 'pkcs8',
  })
  const jwk = createPublicKey(key).export({ format: 'jwk' })
  const publicKey = Buffer.concat([Buffer.from(jwk.x, 'base64url'), Buffer.from(jwk.y ?? '', 'base64url')])
  const digest = alg === -19 ? null : 'sha256'
  return {
    alg,
    publicKey: new Uint8Array(publicKey),
    async sign(message) {
      const signature = new Uint8Array(sign(digest, message, { key, dsaEncoding: 'ieee-p1363' }))
      return alg === -19 ? signature : normalizeS(signature)
    },
  }
}

const BEACON = {
  chainId: 31337,
  blockNumber: 21_000_000,
  blockHash: nativeHash.sha256(new Uint8Array(1)),
}

/** One signed batch with everything on: seed, chain link and beacon. */
export async function referenceBatch(signer, seed, head, beacon = BEACON) {
  const hash = nativeHash
  return await signBatch(
    {
      machine: machineIdOf(thumbprint(signer, hash)),
      boot: new Uint8Array(8).fill(seed),
      head,
      issuedAt: 1_790_000_060,
      clockQuality: 2,
      beacon,
      streamKey: 'weather',
      definition: DEFINITION,
      definitionHash: DEFINITION_HASH,
      recipients: [],
      rows: referenceRows(seed),
    },
    { signer, hash, entropy: (length) => hash.sha256(new Uint8Array([seed])).slice(0, length) },
  )
}
