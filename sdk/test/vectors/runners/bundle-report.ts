/** Verifies a bundle of a vector, and puts the report in the form of the vectors. */
import { FieldproofError, fromHex, hash32, toHex } from '../../../src/base/index.ts'
import { decodeStatement } from '../../../src/crypto/index.ts'
import { chainIdOf } from '../../../src/evm/index.ts'
import { leafHash, rootFromInclusion } from '../../../src/merkle/index.ts'
import {
  type Bundle,
  type CheckId,
  decodeBundle,
  encodeBundle,
  type Report,
  shownValue,
  verifyBundle,
} from '../../../src/verify/index.ts'
import { decodeDefinition, decodeRowInput } from '../../../src/wire/index.ts'
import { bytesOf, type Case, type Context, type Outputs } from '../runner.ts'
import { type ChainJson, rpcOf } from './chain.ts'
import { jsonOf } from './json.ts'

/** Names of checks in the vectors, which do not say at which of two steps a fault is found (spec 07, "The verifier's checks"). */
const NAMES: Readonly<Record<CheckId, readonly string[]>> = {
  bundle: ['digest', 'form'],
  keys: ['keys'],
  signatures: ['signatures'],
  definitions: ['definitions'],
  rows: ['rows'],
  log: ['log'],
  chain: ['chain'],
  contracts: ['event', 'state'],
  enrolment: ['enrolment'],
  home: ['home'],
  anchor: ['event', 'head'],
  final: ['event', 'block'],
  beacon: [],
}

/** Verifies the `bundle` of a case. @throws FieldproofError of the check that failed, its name in `facts.check` */
export async function readBundle(item: Case, context: Context): Promise<Outputs> {
  const bytes = bytesOf(item['bundle'])
  const { caip2, registry } = item['trust'] as { caip2?: string; registry: string }
  const { chain, blockHash } = item as { chain?: ChainJson; blockHash?: string }
  const report = await verifyBundle(bytes, {
    trust: { registry: fromHex(registry), ...(caip2 !== undefined && { chainId: chainIdOf(caip2) }) },
    ...(chain !== undefined && { rpc: rpcOf(chain, caip2 ?? '') }),
    ...(blockHash !== undefined && { blockHash: hash32(fromHex(blockHash)) }),
    engines: context,
  })
  expectPass(report, item)
  const bundle = decodeBundle(bytes, context.hash)
  return {
    bundle: toHex(encodeBundle(bundle, context.hash)),
    logRoot: toHex(logRootOf(bundle, context)),
    statements: statementsOf(bundle, report, context),
    rows: rowsOf(bundle, report),
  }
}

/** @throws FieldproofError of the first required check that did not pass, with the vectors' name of it in `facts.check` */
function expectPass(report: Report, item: Case): void {
  const first = report.checks.find((check) => check.required && check.status !== 'pass')
  if ((first === undefined) !== (report.verdict === 'pass')) throw new Error('the verdict is not that of the checks')
  if (first === undefined) return
  const { id, status, code, reason } = first
  // A vector that names a fault is never "could not ask", and the other way round.
  if (status === 'unchecked') throw new FieldproofError(code ?? 'rpc-failed', reason, { facts: { check: status } })
  if (code === undefined) throw new Error(`${id} failed without a code: ${reason}`)
  const names = NAMES[id]
  const check = item.check !== undefined && names.includes(item.check) ? item.check : id
  throw new FieldproofError(code, reason, { facts: { check } })
}

function logRootOf({ statements, anchor }: Bundle, { hash }: Context): Uint8Array {
  const [first] = statements
  if (first === undefined) throw new Error('a bundle without statements')
  const { bytes, logIndex: index, logPath: path } = first
  return rootFromInclusion(hash, { leafHash: leafHash(hash, bytes), index, size: anchor.size, path })
}

function statementsOf(bundle: Bundle, report: Report, { hash }: Context): Outputs[] {
  return bundle.statements.map(({ bytes, logIndex }) => {
    const row = report.rows.find((one) => one.logIndex === logIndex)
    if (row === undefined) throw new Error(`no row of the statement at ${logIndex} is in the report`)
    const { machine, sequence, stream, window } = row
    return { id: toHex(decodeStatement(bytes, hash).id), machine, sequence, stream, logIndex, ...window }
  })
}

/** The report shows values for people; the vectors hold what was signed, so both are compared. */
function rowsOf(bundle: Bundle, report: Report): Outputs[] {
  return report.rows.map(({ logIndex, index, time, values }) => {
    const statement = bundle.statements.findIndex((one) => one.logIndex === logIndex)
    const source = bundle.rows.find((one) => one.statement === statement && one.index === index)
    const definition = bundle.definitions[bundle.statements[statement]?.definition ?? -1]
    if (source === undefined || definition === undefined) throw new Error(`row ${index} is not in the file`)
    const { columns } = decodeDefinition(definition)
    const signed = decodeRowInput(source.input, decodeDefinition(definition)).row.values
    const shown = columns.map((column, i) => shownValue(column, signed[i] ?? null))
    if (JSON.stringify(shown) !== JSON.stringify(values.map(({ value }) => value))) {
      throw new Error(`row ${index} is shown as something else`)
    }
    return { statement, index, time, values: signed.map(jsonOf) }
  })
}
