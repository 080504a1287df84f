/** receipt.json: RFC 9942 receipts of statements in a log. */

import { buoy, CAIP2, log, REGISTRY } from '../fixtures.mjs'
import { concat, flip, hex, labelled, unhex } from '../format/bytes.mjs'
import { cbor, uncbor } from '../format/cbor.mjs'
import { ed25519Key } from '../format/keys.mjs'
import { inclusionPath, leafHash, root } from '../format/merkle.mjs'
import { anchorWord, readAnchored, readReceipt, receiptHeader, receiptProof, signReceipt } from '../format/receipt.mjs'
import { cose, sigStructure } from '../format/statement.mjs'
import { suite } from '../suite.mjs'
import { BATCHES, ENTRIES, GENESIS, LOG, LOG_ID } from '../world.mjs'
import { signedAnew } from './bundle-mixtures.mjs'

function read({ entry, origin, publicKey, receipt, message }) {
  if (message !== undefined) {
    const trusted = { entry: unhex(entry), origin, publicKey: unhex(publicKey) }
    const { size, index, root, word } = readAnchored(unhex(message), trusted)
    return { size, index, root: hex(root), anchorToBeSigned: hex(word) }
  }
  const { size, index, path, root, tbs } = readReceipt(unhex(receipt), {
    entry: unhex(entry),
    origin,
    publicKey: unhex(publicKey),
  })
  return { size, index, path: path.map(hex), root: hex(root), sigStructure: hex(tbs) }
}

export function receiptCases() {
  const cases = suite({
    description:
      'Receipts of log entries (exact statement bytes), and of kind anchored whole messages, checked with the origin and Ed25519 key of the log.',
    spec: 'schemas/spec/05-receipt.md',
    rules: ['RCPT-4', 'RCPT-10', 'RCPT-11', 'RCPT-12', 'RCPT-20'],
    read,
    logKey: hex(ed25519Key(LOG.publicKey)),
    genesis: hex(GENESIS),
  })
  const leaves = ENTRIES.map((entry) => leafHash(entry))
  const proofOf = (index, size) => ({
    size,
    index,
    path: inclusionPath(index, leaves.slice(0, size)),
    root: root(leaves.slice(0, size)),
  })
  const item = (entry, receipt) => ({
    origin: LOG.origin,
    publicKey: hex(LOG.publicKey),
    entry: hex(entry),
    receipt: hex(receipt),
  })
  for (const [index, size] of [
    [1, 2],
    [1, 5],
    [3, 5],
    [4, 5],
    [2, 3],
  ]) {
    const fields = item(ENTRIES[index], signReceipt({ log: LOG, ...proofOf(index, size) }).bytes)
    cases.accept(`entry ${index} at size ${size}`, fields, read(fields))
  }
  const proof = proofOf(3, 5)
  const good = signReceipt({ log: LOG, ...proof })
  const reject = (name, error, receipt, entry = ENTRIES[3]) => cases.reject(name, error, item(entry, receipt))
  /** A receipt with changed parts, signed by the log. */
  const signed = ({
    header = good.header,
    unprotected = receiptProof(5, 3, proof.path),
    payload = null,
    signedRoot = proof.root,
    signer = log,
  }) => cose(header, unprotected, payload, signer.sign(sigStructure(header, signedRoot)))
  const headed = (overrides) => signed({ header: receiptHeader({ ...LOG, size: 5, ...overrides }) })
  const proven = (...parts) => signed({ unprotected: receiptProof(...parts) })
  reject('receipt of another entry', 'bad-signature', good.bytes, ENTRIES[2])
  const first = signReceipt({ log: LOG, ...proofOf(1, 5) }).bytes
  reject('the statement with a new signature', 'bad-signature', first, signedAnew(ENTRIES[1]))
  reject('two leaves of the log as the entry', 'bad-signature', good.bytes, concat(leaves[2], leaves[3]))
  reject('statement given as a receipt', 'receipt-invalid', ENTRIES[3])
  reject('a bit of the signature changed', 'bad-signature', flip(good.bytes, 8 * good.bytes.length - 9))
  reject(
    'a node of the path changed',
    'bad-signature',
    cose(good.header, receiptProof(5, 3, [flip(proof.path[0]), ...proof.path.slice(1)]), null, good.signature),
  )
  reject(
    'another index of the same depth',
    'bad-signature',
    cose(good.header, receiptProof(5, 2, proof.path), null, good.signature),
  )
  reject('signed by another key', 'bad-signature', signed({ signer: buoy }))
  reject('signed over another root', 'bad-signature', signed({ signedRoot: flip(proof.root) }))
  reject('size of the proof differs from the signed size', 'receipt-invalid', proven(6, 3, proof.path))
  reject(
    'size changed in proof and header',
    'bad-signature',
    cose(receiptHeader({ ...LOG, size: 6 }), receiptProof(6, 3, proof.path), null, good.signature),
  )
  reject('path one node short', 'proof-invalid', proven(5, 3, proof.path.slice(1)))
  reject('path with a node more', 'proof-invalid', proven(5, 3, [...proof.path, proof.root]))
  reject('index equal to the size', 'receipt-invalid', proven(5, 5, proof.path))
  reject(
    'index of the genesis leaf',
    'receipt-invalid',
    signed({ unprotected: receiptProof(5, 0, inclusionPath(0, leaves)) }),
    ENTRIES[0],
  )
  reject('kid of another log', 'unknown-key', headed({ keyId: new Uint8Array(16) }))
  reject('origin of another log', 'receipt-invalid', headed({ origin: 'other.example' }))
  reject('typ of a statement', 'receipt-invalid', headed({ typ: 'application/fp+cose' }))
  reject('alg ESP256', 'receipt-invalid', headed({ alg: -9 }))
  reject('vds 2', 'receipt-invalid', headed({ vds: 2 }))
  const extra = uncbor(good.header).set(6, 0)
  reject('extra header key', 'receipt-invalid', signed({ header: cbor(extra) }))
  reject('payload attached', 'receipt-invalid', signed({ payload: proof.root }))
  reject(
    'extra unprotected key',
    'receipt-invalid',
    signed({ unprotected: receiptProof(5, 3, proof.path).set(4, new Uint8Array(1)) }),
  )
  reject(
    'two inclusion proofs',
    'receipt-invalid',
    signed({ unprotected: new Map([[396, new Map([[-1, [cbor([5, 3, proof.path]), cbor([5, 3, proof.path])]]])]]) }),
  )
  reject('no inclusion proof', 'receipt-invalid', signed({ unprotected: new Map() }))
  reject(
    'a consistency proof',
    'receipt-invalid',
    signed({ unprotected: new Map([[396, new Map([[-2, [cbor([3, 5, proof.path])]]])]]) }),
  )
  reject('node of 31 bytes', 'receipt-invalid', proven(5, 3, [proof.path[0].slice(1), ...proof.path.slice(1)]))
  reject(
    'signature of 63 bytes',
    'receipt-invalid',
    cose(good.header, receiptProof(5, 3, proof.path), null, good.signature.slice(1)),
  )
  reject('no tag', 'receipt-invalid', good.bytes.slice(1))
  reject(
    'long head in the proof',
    'not-deterministic',
    signed({
      unprotected: new Map([[396, new Map([[-1, [unhex(`831805${hex(cbor([5, 3, proof.path])).slice(4)}`)]]])]]),
    }),
  )
  anchoredCases(cases, item, proofOf)
  return cases.file()
}

/** Anchored messages whose receipt is good: the signature over the anchor decides. */
function anchoredCases(cases, item, proofOf) {
  const anchor = [CAIP2, REGISTRY, LOG_ID, 1300, labelled('block 1300'), labelled('transaction')]
  const { root: anchoredRoot } = proofOf(3, 5)
  const said = { origin: LOG.origin, size: 5, root: anchoredRoot, anchor }
  const message = ({ word = said, signer = log, sent = anchor, size = 5, change = (signature) => signature }) => {
    const { bytes: receipt } = signReceipt({ log: LOG, ...proofOf(3, size) })
    const signature = change(signer.sign(anchorWord(word)), receipt)
    const { receipt: _, ...fields } = item(ENTRIES[3], receipt)
    return { kind: 'anchored', ...fields, message: hex(cbor([2, BATCHES[3].statement.id, receipt, sent, signature])) }
  }
  const good = message({})
  cases.accept('anchored at size 5', good, read(good))
  const reject = (name, parts) => cases.reject(`anchored: ${name}`, 'bad-signature', message(parts))
  reject('a bit of the signature changed', { change: (signature) => flip(signature) })
  reject('the signature of the receipt', { change: (_, receipt) => receipt.slice(-64) })
  reject('signed by another key', { signer: buoy })
  reject('signed for another origin', { word: { ...said, origin: 'other.example' } })
  reject('signed for another size', { word: { ...said, size: 4, root: proofOf(3, 4).root } })
  reject('receipt at another size', { size: 4 })
  reject('signed for another root', { word: { ...said, root: flip(anchoredRoot) } })
  for (const [name, index, value] of [
    ['chain', 0, 'eip155:1'],
    ['registry', 1, flip(REGISTRY)],
    ['log', 2, flip(LOG_ID)],
    ['block', 3, 1301],
    ['transaction', 5, labelled('block 1300')],
  ])
    reject(`another ${name} than signed`, { sent: anchor.with(index, value) })
}
