import { p256 } from '@noble/curves/nist.js'
import { beforeAll, describe, expect, it } from 'vitest'
import { concat, fromHex, hash32, utf8 } from '../../src/base/index.ts'
import {
  decodeStatement,
  encodeSign1,
  encodeStatement,
  type Statement,
  statementToBeSigned,
} from '../../src/crypto/index.ts'
import { definitionHash, leafHash, nodeHash } from '../../src/merkle/index.ts'
import { nativeEd25519, nativeHash } from '../../src/native/index.ts'
import { namedSigner } from '../../src/testing/index.ts'
import {
  type Bundle,
  encodeBundle,
  encodeReceipt,
  type LogIdentity,
  receiptToBeSigned,
  verifyReceipt,
} from '../../src/verify/index.ts'
import { type CborValue, decodeCbor, encodeCbor, MESSAGE_LIMITS } from '../../src/wire/index.ts'
import { type AnchoredBundle, type Field, type LoggedBatch, provenRow } from './kit/field.ts'
import { bodyOf, fileOf } from './kit/sample.ts'
import { codeOf, makeStage, type Stage } from './kit/stage.ts'

const log: LogIdentity = { origin: 'field/log', logKey: namedSigner('field log', -19).publicKey }

let stage: Stage
let field: Field
let batch: LoggedBatch
let bundle: AnchoredBundle

beforeAll(async () => {
  stage = await makeStage()
  field = stage.field
  bundle = stage.bundle
  batch = stage.batchAt(0)
})

describe('a statement in a bundle', () => {
  const said = (): Statement => decodeStatement(batch.statement, nativeHash).statement
  const signature = (): Uint8Array => decodeStatement(batch.statement, nativeHash).signature
  const signed = async (change: Partial<Statement>, by = batch.signer): Promise<Uint8Array> => {
    const statement = { ...said(), ...change }
    return encodeStatement(statement, await by.sign(statementToBeSigned(statement)))
  }
  const array = (...items: CborValue[]): Uint8Array => concat(Uint8Array.of(0xd2), encodeCbor(items))
  const parts = (): readonly CborValue[] =>
    decodeCbor(batch.statement.subarray(1), MESSAGE_LIMITS) as readonly CborValue[]
  const part = (i: number): CborValue => parts()[i] ?? null

  it.each<[string, () => Uint8Array | Promise<Uint8Array>, string]>([
    ['without its tag', () => batch.statement.subarray(1), 'bundle: statement-invalid'],
    [
      'with the tag of COSE_Mac0',
      () => concat(Uint8Array.of(0xd1), batch.statement.subarray(1)),
      'bundle: statement-invalid',
    ],
    ['with its tag twice', () => concat(Uint8Array.of(0xd2), batch.statement), 'bundle: not-deterministic'],
    [
      'with a signature of 63 bytes',
      () => array(part(0), part(1), part(2), signature().subarray(1)),
      'bundle: statement-invalid',
    ],
    [
      'with a root of 31 bytes',
      () => array(part(0), part(1), new Uint8Array(31), signature()),
      'bundle: statement-invalid',
    ],
    ['without a payload', () => array(part(0), part(1), null, signature()), 'bundle: statement-invalid'],
    [
      'with an unprotected header',
      () => array(part(0), new Map([[4, 1]]), part(2), signature()),
      'bundle: statement-invalid',
    ],
    ['with a fifth part', () => array(...parts(), 0), 'bundle: statement-invalid'],
    ['with a signature of zeros', () => encodeStatement(said(), new Uint8Array(64)), 'signatures: bad-signature'],
    ['with a high s', () => encodeStatement(said(), highS(signature())), 'signatures: bad-signature'],
    ['signed by another machine', () => signed({}, stage.batchAt(3).signer), 'signatures: bad-signature'],
    ['of the other algorithm', () => signed({ alg: -19 }), 'keys: key-invalid'],
    ['that names another key', () => signed({ kid: new Uint8Array(16) }), 'keys: key-invalid'],
    ['that is a genesis', () => field.genesis, 'bundle: statement-invalid'],
    ['that is a definition', () => batch.definitionBytes, 'bundle: statement-invalid'],
    ['that is a receipt', () => receiptOf(batch), 'bundle: statement-invalid'],
    ['that is the two hashes of an inner node', () => innerNode(), 'bundle: statement-invalid'],
    ['that the key signed and the log never had', () => signed({ issuedAt: 1 }), 'anchor: proof-invalid'],
    [
      'of another definition',
      () => signed({ definitionHash: hash32(definitionHash(nativeHash, stage.batchAt(2).definitionBytes)) }),
      'definitions: definition-invalid',
    ],
  ])('is refused: one %s', async (_what, statement, fault) => {
    expect((await stage.verdictOf(withStatement(await statement()))).fault).toBe(fault)
  })

  it('that is signed once more has the id that it had: no other statement, but not the one in the log either', async () => {
    const other = p256.sign(statementToBeSigned(said()), secretOfMast(), {
      lowS: true,
      prehash: true,
      format: 'compact',
      extraEntropy: new Uint8Array(32).fill(3),
    })
    const again = encodeStatement(said(), other)
    expect(again).not.toEqual(batch.statement)
    expect(decodeStatement(again, nativeHash).id).toEqual(decodeStatement(batch.statement, nativeHash).id)
    expect((await stage.verdictOf(withStatement(again))).fault).toBe('anchor: proof-invalid')
  })

  it('with a beacon that somebody invented proves the rest, and no lower bound', async () => {
    const facts = { ...field.facts, blocks: [] }
    const { verdict, report } = await stage.verdictOf(encodeBundle(bundle, nativeHash), facts)
    expect(verdict).toBe('pass')
    expect(report.checks.find(({ id }) => id === 'beacon')?.status).toBe('fail')
    expect(report.window.notBefore).toBeNull()
  })
})

describe('a row in a bundle', () => {
  const withRow = (change: Partial<Bundle['rows'][number]>): Uint8Array =>
    rawBundle({ ...bundle, rows: bundle.rows.map((row) => ({ ...row, ...change })) })
  it.each<[string, () => Uint8Array, string]>([
    ['leaf 0, by its index', () => withRow({ index: 0 }), 'bundle: bundle-invalid'],
    ['leaf 0 at the index of a row', () => withRow({ input: batch.definitionBytes }), 'bundle: row-invalid'],
    [
      'a row of another stream',
      () => withRow({ input: provenRow(stage.batchAt(2))(0, 1).input }),
      'bundle: row-invalid',
    ],
    [
      'a row of another batch of the same stream',
      () => withRow(provenRow(stage.batchAt(1))(0, 1)),
      'rows: root-mismatch',
    ],
    ['another row of the batch', () => withRow({ input: provenRow(batch)(0, 2).input }), 'rows: root-mismatch'],
    ['the index of another row', () => withRow({ index: 2 }), 'bundle: bundle-invalid'],
    ['the index of the row count plus one', () => withRow({ index: 3 }), 'bundle: bundle-invalid'],
    ['an inner node as a leaf', () => withRow({ input: innerNode() }), 'bundle: malformed'],
    ['a statement', () => withRow({ input: batch.statement }), 'bundle: not-deterministic'],
    [
      'a salt of 15 bytes',
      () => withRow({ input: encodeCbor([new Uint8Array(15), 1, 1, null]) }),
      'bundle: row-invalid',
    ],
    ['a node of 31 bytes', () => withRow({ path: [new Uint8Array(31)] }), 'bundle: bundle-invalid'],
    ['no path', () => withRow({ path: [] }), 'bundle: bundle-invalid'],
  ])('is refused: %s', async (_what, bytes, fault) => {
    expect((await stage.verdictOf(bytes())).fault).toBe(fault)
  })
})

describe('a receipt', () => {
  it.each<[string, () => Uint8Array | Promise<Uint8Array>, string]>([
    ['of the log', () => receiptOf(batch), 'accepted'],
    ['of another statement', () => receiptOf(stage.batchAt(1)), 'bad-signature'],
    ['of another log', () => receiptOf(batch, { ...log, origin: 'other/log' }), 'receipt-invalid'],
    ['of another key', () => receiptOf(batch, log, 'another log'), 'bad-signature'],
    ['that is a statement', () => batch.statement, 'receipt-invalid'],
    ['that is a genesis', () => field.genesis, 'receipt-invalid'],
    ['with its payload attached', async () => attached(await receiptOf(batch)), 'receipt-invalid'],
    ['at another size', async () => resized(await receiptOf(batch)), 'receipt-invalid'],
    ['cut short', async () => (await receiptOf(batch)).subarray(0, 60), 'malformed'],
  ])('%s', async (_what, receipt, code) => {
    const bytes = await receipt()
    expect(await codeOf(() => verifyReceipt(bytes, batch.statement, log, nativeEd25519, nativeHash))).toBe(code)
  })
})

function withStatement(statement: Uint8Array): Uint8Array {
  return encodeBundle({ ...bundle, statements: bundle.statements.map((s) => ({ ...s, bytes: statement })) }, nativeHash)
}

/** The file, also of a bundle that the encoder refuses. */
function rawBundle(b: AnchoredBundle): Uint8Array {
  const [version = 1, keys = [], definitions = []] = decodeCbor(
    bodyOf(encodeBundle(bundle, nativeHash)),
    MESSAGE_LIMITS,
  ) as readonly CborValue[]
  const { anchor } = b
  return fileOf(
    encodeCbor([
      version,
      keys,
      definitions,
      b.statements.map((s) => [s.bytes, s.key, s.definition, s.logIndex, s.logPath]),
      b.rows.map((r) => [r.statement, r.index, r.input, r.path]),
      [anchor.caip2, anchor.logId, anchor.size, anchor.blockNumber, anchor.blockHash, anchor.txHash],
    ]),
  )
}

async function receiptOf({ logIndex: index }: LoggedBatch, by = log, signer = 'field log'): Promise<Uint8Array> {
  const size = field.tree.size
  const path = field.tree.inclusionPath(index, size)
  const signature = await namedSigner(signer, -19).sign(receiptToBeSigned(by, size, field.tree.root(), nativeHash))
  return encodeReceipt(by, { size, index, path }, signature, nativeHash)
}

function attached(receipt: Uint8Array): Uint8Array {
  const [header, unprotected, , signature] = decodeCbor(receipt.subarray(1), MESSAGE_LIMITS) as readonly CborValue[]
  const payload = field.tree.root()
  return encodeSign1({
    protectedBytes: header as Uint8Array,
    unprotected: unprotected ?? null,
    payload,
    signature: signature as Uint8Array,
  })
}

/** The same signature over a path that claims the size before. */
function resized(receipt: Uint8Array): Uint8Array {
  const [header, , , signature] = decodeCbor(receipt.subarray(1), MESSAGE_LIMITS) as readonly CborValue[]
  const proof = encodeCbor([field.tree.size - 1, 1, field.tree.inclusionPath(1, field.tree.size - 1)])
  const unprotected = new Map([[396, new Map([[-1, [proof]]])]])
  return encodeSign1({
    protectedBytes: header as Uint8Array,
    unprotected,
    payload: null,
    signature: signature as Uint8Array,
  })
}

/** The input of a node of the log: 0x01 apart, what its hash is of. */
function innerNode(): Uint8Array {
  const [a, b] = [field.genesis, batch.statement].map((leaf) => leafHash(nativeHash, leaf))
  if (a === undefined || b === undefined) throw new Error('two leaves')
  expect(nodeHash(nativeHash, a, b)).toEqual(field.tree.root(2))
  return concat(a, b)
}

function highS(signature: Uint8Array): Uint8Array {
  const s = BigInt(`0x${Buffer.from(signature.subarray(32)).toString('hex')}`)
  return concat(signature.subarray(0, 32), fromHex((p256.Point.Fn.ORDER - s).toString(16).padStart(64, '0')))
}

/** The secret behind `namedSigner('field mast')`. */
function secretOfMast(): Uint8Array {
  const secret = nativeHash.sha256(utf8('key of field mast'))
  secret[0] = (secret[0] ?? 0) & 0x7f
  return secret
}
