/** statement.json: signed statements and what a reader refuses. */

import { BUOY, buoy, fields, station, stationNext, stranger, weatherBytes } from '../fixtures.mjs'
import { flip, hex, labelled, sha256, unhex, utf8 } from '../format/bytes.mjs'
import { cbor, uncbor } from '../format/cbor.mjs'
import { signWithTorsion, unreducedS } from '../format/ed25519.mjs'
import { kid, thumbprint } from '../format/keys.mjs'
import { inclusionPath, leafHash } from '../format/merkle.mjs'
import { highS, p256Sign } from '../format/p256.mjs'
import { signReceipt } from '../format/receipt.mjs'
import {
  checkSignature,
  cose,
  protectedHeader,
  readStatement,
  signStatement,
  sigStructure,
} from '../format/statement.mjs'
import { suite } from '../suite.mjs'
import { LEAVES, LOG, ROOT } from '../world.mjs'

const root = labelled('root')
const whole = (overrides) => ({
  ...fields(),
  leafCount: 6,
  definitionHash: leafHash(weatherBytes),
  sealed: null,
  ...overrides,
})
const toJson = (beacon) => beacon && [beacon[0], beacon[1], hex(beacon[2])]
const hexOrNull = (bytes) => bytes && hex(bytes)

function read({ key, statement }) {
  const s = readStatement(unhex(statement))
  checkSignature(s, unhex(key))
  return {
    alg: s.alg,
    kid: hex(s.keyId),
    machine: s.machine,
    issuedAt: s.issuedAt,
    boot: hex(s.boot),
    sequence: s.sequence,
    leafCount: s.leafCount,
    prev: hexOrNull(s.prev),
    definitionHash: hex(s.definitionHash),
    clockQuality: s.clockQuality,
    beacon: toJson(s.beacon),
    sealed: hexOrNull(s.sealed),
    root: hex(s.root),
    signature: hex(s.signature),
    sigStructure: hex(s.tbs),
    id: hex(s.id),
  }
}

export function statementCases() {
  const cases = suite({
    description:
      'Statements (COSE_Sign1) with the COSE_Key that checks them: fields, Sig_structure, id. P-256 signatures are RFC 6979, low s.',
    spec: 'schemas/spec/03-history.md',
    rules: [
      'CONV-23',
      'CONV-24',
      'CONV-26',
      'HIST-1',
      'HIST-2',
      'HIST-5',
      'HIST-6',
      'HIST-7',
      'HIST-8',
      'HIST-9',
      'HIST-10',
      'HIST-11',
      'HIST-12',
      'HIST-23',
    ],
    read,
  })
  const accept = (name, overrides, signer = station) => {
    const { bytes } = signStatement(whole(overrides), root, signer)
    const item = { key: hex(signer.key), secret: hex(signer.secret), statement: hex(bytes) }
    cases.accept(name, item, read(item))
  }
  accept('first statement of a P-256 machine', {})
  accept('second statement names the first', { sequence: 2, prev: signStatement(whole(), root, station).id })
  accept('an Ed25519 machine', { machine: BUOY }, buoy)
  accept('second key of the machine, same machine id', { sequence: 9, prev: labelled('prev') }, stationNext)
  accept('no beacon, clock unsynced', { beacon: null, clockQuality: 0 })
  accept('sealed batch', { sealed: labelled('sealed body') })
  accept('largest leaf count and numbers', {
    leafCount: 4097,
    sequence: Number.MAX_SAFE_INTEGER,
    prev: labelled('prev'),
    beacon: [2 ** 40, 2 ** 33, labelled('b')],
  })
  accept('issued at second zero', { issuedAt: 0, clockQuality: 1 })

  const first = signStatement(whole(), root, station)
  const anew = cose(first.header, new Map(), root, p256Sign(station.secret, first.tbs, 1))
  const again = { key: hex(station.key), statement: hex(anew) }
  cases.accept('first statement with a new signature: the same id', again, {
    ...read(again),
    id: hex(first.id),
  })

  const sign = (overrides, signer = station) => signStatement(whole(overrides), root, signer)
  const reject = (name, error, bytes, key = station.key) =>
    cases.reject(name, error, { key: hex(key), statement: hex(bytes) })
  const good = sign()
  /** Signs a header of any shape. */
  const signed = (header, payload = root, signer = station) =>
    cose(header, new Map(), payload, signer.sign(sigStructure(header, payload)))
  const headerWith = (edit) => {
    const map = uncbor(good.header)
    edit(map)
    return cbor(map)
  }
  const invalid = (name, edit) => reject(name, 'statement-invalid', signed(headerWith(edit)))
  const privately = (name, index, value) =>
    invalid(name, (map) => {
      map.get(-65537)[index] = value
    })

  reject('high s', 'bad-signature', cose(good.header, new Map(), root, highS(good.signature)))
  reject(
    'a bit of the signature changed',
    'bad-signature',
    cose(good.header, new Map(), root, flip(good.signature, 511)),
  )
  reject('a bit of the root changed', 'bad-signature', cose(good.header, new Map(), flip(root), good.signature))
  reject(
    'sequence changed after signing',
    'bad-signature',
    cose(
      protectedHeader({ alg: -9, keyId: kid(station.key), ...whole({ sequence: 2, prev: labelled('prev') }) }),
      new Map(),
      root,
      good.signature,
    ),
  )
  reject('signature of zeros', 'bad-signature', cose(good.header, new Map(), root, new Uint8Array(64)))
  reject(
    'signed over other external data',
    'bad-signature',
    cose(good.header, new Map(), root, station.sign(cbor(['Signature1', good.header, utf8('x'), root]))),
  )
  reject(
    'signed with the root hashed twice',
    'bad-signature',
    cose(good.header, new Map(), root, station.sign(sigStructure(good.header, sha256(root)))),
  )
  const ed = signStatement(whole({ machine: BUOY }), root, buoy)
  reject(
    'Ed25519: s not reduced',
    'bad-signature',
    cose(ed.header, new Map(), root, unreducedS(ed.signature)),
    buoy.key,
  )
  reject(
    'Ed25519: R with a torsion component',
    'bad-signature',
    cose(ed.header, new Map(), root, signWithTorsion(buoy.secret, ed.tbs)),
    buoy.key,
  )
  const claimed = protectedHeader({ alg: -19, keyId: kid(station.key), ...whole() })
  reject('alg of the other kind of key', 'bad-signature', signed(claimed))
  reject(
    'kid of another key',
    'unknown-key',
    signed(protectedHeader({ alg: -9, keyId: kid(stranger.key), ...whole() })),
  )
  reject(
    'kid is the end of the thumbprint',
    'unknown-key',
    signed(protectedHeader({ alg: -9, keyId: thumbprint(station.key).slice(16), ...whole() })),
  )
  reject('checked with another key', 'unknown-key', good.bytes, stranger.key)

  invalid('wrong typ', (map) => void map.set(16, 'application/cose'))
  invalid('no typ', (map) => void map.delete(16))
  invalid('extra header key', (map) => void map.set(3, 'application/cbor'))
  invalid('crit', (map) => void map.set(2, [-65537]))
  invalid('vds 2', (map) => void map.set(395, 2))
  invalid('alg -7', (map) => void map.set(1, -7))
  invalid('alg -8', (map) => void map.set(1, -8))
  invalid('kid of 32 bytes', (map) => void map.set(4, thumbprint(station.key)))
  invalid('issuer of another name', (map) => void map.get(15).set(1, 'fp2'))
  invalid('machine id in capitals', (map) => void map.get(15).set(2, map.get(15).get(2).toUpperCase()))
  invalid('machine id of 25 characters', (map) => void map.get(15).set(2, map.get(15).get(2).slice(1)))
  invalid('machine id with bits beyond its 16 bytes', (map) => void map.get(15).set(2, `${'a'.repeat(25)}b`))
  invalid('issued-at below zero', (map) => void map.get(15).set(6, -1))
  invalid('extra claim', (map) => void map.get(15).set(3, 'aud'))
  privately('boot of 7 bytes', 0, new Uint8Array(7))
  privately('sequence 0', 1, 0)
  privately('sequence 2 without prev', 1, 2)
  privately('sequence 1 with prev', 3, labelled('prev'))
  privately('leaf count 1', 2, 1)
  privately('leaf count 4098', 2, 4098)
  privately('definition hash of 31 bytes', 4, new Uint8Array(31))
  privately('clock quality 3', 5, 3)
  privately('beacon without its hash', 6, [31337, 1200])
  privately('beacon hash of 31 bytes', 6, [31337, 1200, new Uint8Array(31)])
  privately('sealed digest of 31 bytes', 7, new Uint8Array(31))
  invalid('nine private fields', (map) => void map.get(-65537).push(null))
  reject(
    'unprotected not empty',
    'statement-invalid',
    cose(good.header, new Map([[4, new Uint8Array(16)]]), root, good.signature),
  )
  reject('payload of 31 bytes', 'statement-invalid', signed(good.header, root.slice(1)))
  reject('payload detached', 'statement-invalid', cose(good.header, new Map(), null, good.signature))
  reject('signature of 63 bytes', 'statement-invalid', cose(good.header, new Map(), root, good.signature.slice(1)))
  reject(
    'signature in DER',
    'statement-invalid',
    cose(
      good.header,
      new Map(),
      root,
      unhex(`3045022100${hex(good.signature.slice(0, 32))}0220${hex(good.signature.slice(32))}`),
    ),
  )
  reject('five items', 'statement-invalid', unhex(`d285${hex(good.bytes).slice(4)}f6`))
  reject('header keys out of order', 'not-deterministic', signed(unhex(swapFirstKeys(hex(good.header)))))
  reject('header with a long head', 'not-deterministic', signed(unhex(`b806${hex(good.header).slice(2)}`)))
  reject('COSE_Sign (tag 98)', 'statement-invalid', unhex(`d862${hex(good.bytes).slice(2)}`))
  const receipt = signReceipt({ log: LOG, size: 5, index: 1, path: inclusionPath(1, LEAVES), root: ROOT })
  reject('receipt given as a statement', 'statement-invalid', receipt.bytes)
  reject('no tag', 'statement-invalid', good.bytes.slice(1))
  reject('cut short', 'malformed', good.bytes.slice(0, -1))
  reject('a byte after the statement', 'malformed', Uint8Array.of(...good.bytes, 0))
  return cases.file()
}

/** a6 0128 0450<kid> …: alg and kid change places. */
const swapFirstKeys = (header) =>
  header.slice(0, 2) + header.slice(6, 6 + 4 + 32) + header.slice(2, 6) + header.slice(42)
