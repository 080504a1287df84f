/** log.json: genesis, log id, checkpoints, tiles. */

import { ANCHOR_LOG, CAIP2, log, ORIGIN, OWNER } from '../fixtures.mjs'
import { flip, hex, labelled, sha256, uint32be, unhex, utf8 } from '../format/bytes.mjs'
import { cbor, uncbor } from '../format/cbor.mjs'
import { ed25519Sign } from '../format/ed25519.mjs'
import { readKey } from '../format/keys.mjs'
import {
  checkpoint,
  encodeGenesis,
  entryBundle,
  logIdOf,
  noteSignature,
  readCheckpoint,
  readGenesis,
  tileHashes,
  tilePath,
  vkey,
} from '../format/log.mjs'
import { leafHash, root } from '../format/merkle.mjs'
import { suite } from '../suite.mjs'
import { ENTRIES } from '../world.mjs'

const publicKey = readKey(log.key).publicKey
const entries = Array.from({ length: 600 }, (_, i) => uint32be(i))
const leaves = entries.map((entry) => leafHash(entry))

const READERS = {
  genesis({ owner, genesis }) {
    const { origin, publicKey, caip2, anchorLog, predecessor } = readGenesis(unhex(genesis))
    const log = { origin, publicKey: hex(publicKey), caip2, anchorLog: hex(anchorLog) }
    const id = hex(logIdOf(unhex(owner), unhex(genesis)))
    return {
      ...log,
      predecessor: predecessor && [hex(predecessor[0]), predecessor[1]],
      leafHash: hex(leafHash(unhex(genesis))),
      logId: id,
    }
  },
  checkpoint({ origin, publicKey, checkpoint }) {
    const { size, root } = readCheckpoint(checkpoint, { origin, publicKey: unhex(publicKey) })
    return { size, root: hex(root), vkey: vkey(origin, unhex(publicKey)) }
  },
  'tile-path': ({ level, index, width }) => ({ path: tilePath(level, index, width) }),
  tile({ size, level, index }) {
    const hashes = tileHashes(leaves.slice(0, size), level, index)
    return { width: hashes.length, path: tilePath(level, index, hashes.length), sha256: hex(sha256(...hashes)) }
  },
  entries({ size, index }) {
    const own = entries.slice(index * 256, Math.min(size, index * 256 + 256))
    return { width: own.length, path: tilePath('entries', index, own.length), sha256: hex(sha256(entryBundle(own))) }
  },
}

export function logCases() {
  const cases = suite({
    description:
      'kind genesis: leaf 0 and log id; checkpoint: signed notes of a log whose origin and key are known; tile-path; tile and entries: digest of the file for a log of 600 entries, entry i being i in four bytes, big-endian.',
    spec: 'schemas/spec/04-log.md',
    rules: ['LOG-2', 'LOG-20', 'LOG-21'],
    read: (item) => READERS[item.kind](item),
  })
  const accept = (name, item) => cases.accept(name, item, READERS[item.kind](item))
  const genesis = (overrides) =>
    encodeGenesis({ origin: ORIGIN, publicKey, caip2: CAIP2, anchorLog: ANCHOR_LOG, ...overrides })
  const genesisCase = (bytes) => ({ kind: 'genesis', owner: hex(OWNER), genesis: hex(bytes) })
  accept('genesis without predecessor', genesisCase(genesis()))
  accept('genesis that continues another log', genesisCase(genesis({ predecessor: [labelled('old log'), 4711] })))
  const badGenesis = (name, index, value, error = 'genesis-invalid') => {
    const item = uncbor(genesis())
    item[index] = value
    cases.reject(`genesis: ${name}`, error, genesisCase(cbor(item)))
  }
  badGenesis('another type', 0, 'genesis')
  badGenesis('version 2', 1, 2)
  badGenesis('empty origin', 2, '')
  badGenesis('origin with a space', 2, 'log example')
  badGenesis('origin with a plus', 2, 'log+example')
  badGenesis('origin of two lines', 2, 'log\nexample')
  badGenesis('key of 31 bytes', 3, publicKey.slice(1))
  badGenesis('chain without namespace', 4, '31337')
  badGenesis('contract of 19 bytes', 5, ANCHOR_LOG.slice(1))
  badGenesis('predecessor without size', 6, [labelled('old log')])
  badGenesis('predecessor of size 0', 6, [labelled('old log'), 0])
  badGenesis('an eighth item', 7, null)
  cases.reject('genesis: a statement', 'not-deterministic', genesisCase(ENTRIES[1]))
  cases.reject('genesis: cut short', 'malformed', genesisCase(genesis().slice(0, -1)))

  const size = 5
  const treeRoot = root(leaves.slice(0, size))
  const noteCase = (note) => ({ kind: 'checkpoint', origin: ORIGIN, publicKey: hex(publicKey), checkpoint: note })
  const good = checkpoint({ origin: ORIGIN, size, root: treeRoot, publicKey, seed: log.secret })
  accept('checkpoint at size 5', noteCase(good))
  accept(
    'checkpoint at size 600',
    noteCase(checkpoint({ origin: ORIGIN, size: 600, root: root(leaves), publicKey, seed: log.secret })),
  )
  const witness = noteSignature('witness.example', labelled('witness', 4), labelled('cosignature', 72))
  accept('checkpoint with a cosignature of a witness', noteCase(good + witness))
  const bad = (name, note) => cases.reject(`checkpoint: ${name}`, 'checkpoint-invalid', noteCase(note))
  /** Signs any text as the log would. */
  const signed = (text) => `${text}\n${noteSignature(ORIGIN, keyIdOf(good), ed25519Sign(log.secret, utf8(text)))}`
  const [origin, , digest] = good.split('\n')
  bad('size changed', good.replace('\n5\n', '\n6\n'))
  bad(
    'signature changed',
    signedWith(good, (s) => flip(s, 400)),
  )
  bad('only a witness signed', good.slice(0, good.indexOf('\n\n') + 2) + witness)
  bad(
    'key id of another key',
    signedWith(good, (s) => flip(s, 0)),
  )
  bad('no blank line', good.replace('\n\n', '\n'))
  bad('no newline at the end', good.slice(0, -1))
  bad('hyphen instead of a dash', good.replace('—', '-'))
  bad('size with a leading zero', signed(`${origin}\n05\n${digest}\n`))
  bad('size with a sign', signed(`${origin}\n+5\n${digest}\n`))
  bad('size 0', signed(`${origin}\n0\n${digest}\n`))
  bad('root of 31 bytes', signed(`${origin}\n5\n${Buffer.from(treeRoot.slice(1)).toString('base64')}\n`))
  bad('root in base64url', signed(`${origin}\n5\n${Buffer.from(labelled('a-_')).toString('base64url')}\n`))
  bad('origin of another log', signed(`other.example\n5\n${digest}\n`))
  bad('a fourth line', signed(`${origin}\n5\n${digest}\nextension\n`))
  const damaged = signedWith(good, (s) => flip(s, 400))
  bad('two signatures of the key, one of them bad', good + damaged.slice(damaged.indexOf('\n\n') + 2))
  bad('carriage returns', signed(`${origin}\r\n5\r\n${digest}\r\n`))

  for (const [level, index, width] of [
    [0, 0, 256],
    [0, 0, 1],
    [0, 7, 255],
    [1, 999, 256],
    [2, 1000, 256],
    [0, 1234067, 256],
    [0, 1234067, 17],
    ['entries', 0, 256],
    ['entries', 4711, 3],
  ])
    accept(`path of ${level}, ${index}, ${width}`, { kind: 'tile-path', level, index, width })
  for (const [level, index] of [
    [0, 0],
    [0, 1],
    [0, 2],
    [1, 0],
  ])
    accept(`tile ${level}, ${index}`, { kind: 'tile', size: 600, level, index })
  for (const index of [0, 2]) accept(`entries ${index}`, { kind: 'entries', size: 600, index })
  return cases.file()
}

const lastSignature = (note) => Buffer.from(note.trimEnd().split(' ').at(-1), 'base64')
const keyIdOf = (note) => new Uint8Array(lastSignature(note).subarray(0, 4))
const signedWith = (note, change) =>
  note.replace(lastSignature(note).toString('base64'), Buffer.from(change(lastSignature(note))).toString('base64'))
