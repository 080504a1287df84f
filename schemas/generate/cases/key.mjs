/** key.json: COSE_Key bytes, thumbprints, machine ids. */

import { buoy, log, station, stationNext, stranger } from '../fixtures.mjs'
import { bigTo32, flip, hex, unhex } from '../format/bytes.mjs'
import { cbor } from '../format/cbor.mjs'
import { TORSION, withTorsion } from '../format/ed25519.mjs'
import { ESP256, ed25519Key, kid, machineId, p256Key, readKey, signer, thumbprint } from '../format/keys.mjs'
import { suite } from '../suite.mjs'

function read({ coseKey }) {
  const bytes = unhex(coseKey)
  const key = readKey(bytes)
  const point = key.alg === ESP256 ? { x: hex(key.x), y: hex(key.y) } : { publicKey: hex(key.publicKey) }
  return {
    alg: key.alg,
    ...point,
    thumbprint: hex(thumbprint(bytes)),
    kid: hex(kid(bytes)),
    machineId: machineId(bytes),
  }
}

const x = 'x'.codePointAt(0)
const P256_P = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn

export function keyCases() {
  const cases = suite({
    description: 'COSE_Key bytes of machine and log keys. secret: P-256 scalar or Ed25519 seed.',
    spec: 'schemas/spec/00-conventions.md',
    rules: ['CONV-20', 'CONV-21', 'CONV-22', 'CONV-25', 'CONV-26'],
    read,
  })
  for (const { label, secret, key } of [station, stationNext, stranger, buoy, log])
    cases.accept(label, { secret: hex(secret), coseKey: hex(key) }, read({ coseKey: hex(key) }))
  const one = signer(ESP256, bigTo32(1n))
  cases.accept('P-256 scalar 1', { secret: hex(one.secret), coseKey: hex(one.key) }, read({ coseKey: hex(one.key) }))

  const p = readKey(station.key)
  const e = readKey(buoy.key)
  const map = (entries) => cbor(new Map(entries))
  const reject = (name, error, bytes) => cases.reject(name, error, { coseKey: hex(bytes) })
  reject('P-256: point not on the curve', 'key-invalid', p256Key({ x: p.x, y: flip(p.y, 7) }))
  reject('P-256: x not reduced', 'key-invalid', p256Key({ x: bigTo32(P256_P), y: p.y }))
  reject('P-256: point at zero', 'key-invalid', p256Key({ x: new Uint8Array(32), y: new Uint8Array(32) }))
  reject('P-256: x of 31 bytes', 'key-invalid', p256Key({ x: p.x.slice(1), y: p.y }))
  reject(
    'P-256: compressed y',
    'key-invalid',
    map([
      [1, 2],
      [-1, 1],
      [-2, p.x],
      [-3, true],
    ]),
  )
  reject(
    'P-256: curve of P-384',
    'key-invalid',
    map([
      [1, 2],
      [-1, 2],
      [-2, p.x],
      [-3, p.y],
    ]),
  )
  reject(
    'P-256: alg given',
    'key-invalid',
    map([
      [1, 2],
      [3, -9],
      [-1, 1],
      [-2, p.x],
      [-3, p.y],
    ]),
  )
  reject(
    'P-256: private scalar given',
    'key-invalid',
    map([
      [1, 2],
      [-1, 1],
      [-2, p.x],
      [-3, p.y],
      [-4, station.secret],
    ]),
  )
  reject(
    'Ed25519: curve of X25519',
    'key-invalid',
    map([
      [1, 1],
      [-1, 4],
      [-2, e.publicKey],
    ]),
  )
  reject('Ed25519: 31 bytes', 'key-invalid', ed25519Key(e.publicKey.slice(1)))
  reject('Ed25519: y not reduced', 'key-invalid', ed25519Key(unhex(`ee${'ff'.repeat(30)}7f`)))
  reject('Ed25519: not on the curve', 'key-invalid', ed25519Key(unhex(`02${'00'.repeat(31)}`)))
  reject('Ed25519: the neutral element', 'key-invalid', ed25519Key(unhex(`01${'00'.repeat(31)}`)))
  reject('Ed25519: neutral element with the sign bit', 'key-invalid', ed25519Key(unhex(`01${'00'.repeat(30)}80`)))
  reject('Ed25519: a point of order eight', 'key-invalid', ed25519Key(TORSION))
  reject('Ed25519: a key with a torsion component', 'key-invalid', ed25519Key(withTorsion(e.publicKey)))
  reject(
    'secp256k1 key',
    'key-invalid',
    map([
      [1, 2],
      [-1, 8],
      [-2, p.x],
      [-3, p.y],
    ]),
  )
  reject(
    'symmetric key',
    'key-invalid',
    map([
      [1, 4],
      [-1, p.x],
    ]),
  )
  reject('an array', 'key-invalid', cbor([2, 1, p.x, p.y]))
  reject(
    'parameters out of order',
    'not-deterministic',
    unhex(`a42001 0102 215820${hex(p.x)} 225820${hex(p.y)}`.replaceAll(' ', '')),
  )
  reject('long length head', 'not-deterministic', unhex(`a301012006 21590020${hex(e.publicKey)}`.replace(' ', '')))
  reject('a byte after the key', 'malformed', Uint8Array.of(...station.key, x))
  reject('cut short', 'malformed', buoy.key.slice(0, -1))
  return cases.file()
}
