/** The worked examples that open the spec pages, taken from the vectors. */
import { diagnostic, hexBlock } from './diagnostic.mjs'
import { hex, unhex } from './format/bytes.mjs'
import { uncbor } from './format/cbor.mjs'
import { readHeader } from './format/state.mjs'

const fence = (text, language = '') => `\`\`\`${language}\n${text}\n\`\`\``
const bytes = (title, value) =>
  `${title}, ${value.length / 2} bytes:\n\n${fence(hexBlock(value))}\n\n${fence(diagnostic(unhex(value)))}`
const values = (...pairs) => fence(pairs.map(([name, value]) => `${name.padEnd(16)} ${value}`).join('\n'))
const pick = (file, name) => file.cases.find((item) => item.name === name)

function key({ key }) {
  const item = pick(key, 'station key')
  return [
    'A machine with a P-256 key, as bytes and in diagnostic notation.',
    bytes('COSE_Key', item.coseKey),
    values(['thumbprint', item.thumbprint], ['kid', item.kid], ['machine id', item.machineId]),
  ]
}

function messages({ messages, key }) {
  const machine = pick(key, 'station key').machineId
  const topic = (kind) => `\`fp/1/${machine}/${kind}\``
  return [
    'A machine says who it is, that it is there, and hears of a finalised block.',
    bytes(topic('birth'), pick(messages, 'birth with one stream').bytes),
    bytes(topic('status'), pick(messages, 'status online').bytes),
    bytes(topic('beacon'), pick(messages, 'beacon').bytes),
  ]
}

function batch({ definition, row, batch }) {
  const item = pick(batch, 'five rows of two columns')
  const stream = pick(definition, 'weather stream')
  const one = pick(row, 'two numbers')
  const [, , columns] = uncbor(unhex(item.message))
  return [
    'Five rows of a weather station. The third has no humidity, the fourth no temperature.',
    bytes('Definition, leaf 0', stream.bytes),
    values(['definitionHash', stream.definitionHash]),
    fence(item.rows.map((cells) => JSON.stringify(cells)).join('\n')),
    `Columns as they travel: \`${columns.map((column) => JSON.stringify(column)).join(' ')}\``,
    bytes('Batch message', item.message),
    values(...item.leafHashes.map((hash, i) => [`leaf ${i}`, hash]), ['root', item.root]),
    bytes(`A row: leaf input ${one.index} of a batch with the seed \`${one.seed}\``, one.input),
    values(['salt', one.salt], ['leaf hash', one.leafHash]),
  ]
}

function statement({ statement }) {
  const item = pick(statement, 'second statement names the first')
  const header = hex(uncbor(unhex(item.statement).slice(1))[0])
  return [
    'The second statement of a machine.',
    bytes('Statement', item.statement),
    bytes('Its protected header', header),
    `What is signed (Sig_structure), and the id:\n\n${fence(hexBlock(item.sigStructure))}`,
    values(['statement id', item.id]),
  ]
}

function log({ log }) {
  const genesis = pick(log, 'genesis without predecessor')
  const note = pick(log, 'checkpoint at size 5')
  return [
    'A log that begins, and a checkpoint of a log.',
    bytes('Genesis, leaf 0', genesis.genesis),
    values(['leaf hash', genesis.leafHash], ['owner', genesis.owner], ['logId', genesis.logId]),
    `Checkpoint, and the verifier key that checks it:\n\n${fence(note.checkpoint.trimEnd())}\n\n${fence(note.vkey)}`,
  ]
}

function receipt({ receipt, messages }) {
  const item = pick(receipt, 'entry 3 at size 5')
  const [header, unprotected] = uncbor(unhex(item.receipt).slice(1))
  return [
    'The receipt of entry 3 in a log of 5, its two embedded parts, and two messages.',
    bytes('Receipt', item.receipt),
    bytes('Its protected header', hex(header)),
    bytes('Its inclusion proof', hex(unprotected.get(396).get(-1)[0])),
    values(['root', item.root]),
    bytes('An anchored message', pick(messages, 'anchored').bytes),
    bytes('What the log signs of that anchor', pick(receipt, 'anchored at size 5').anchorToBeSigned),
    bytes('A refusal', pick(messages, 'refused').bytes),
  ]
}

function anchor({ anchor }) {
  const event = pick(anchor, 'tree head')
  const slots = pick(anchor, 'log in storage')
  const key = pick(anchor, 'key in storage')
  const enrol = anchor.cases.find((item) => item.kind === 'enrol')
  return [
    `The event of a head, and how log and key lie in storage. Head: \`${JSON.stringify(slots.head)}\`; key: \`${JSON.stringify(key.entry)}\`.`,
    values(
      ['logId', event.logId],
      ['topic 0', event.topics[0]],
      ['topic 1', event.topics[1]],
      ['data', event.data.slice(0, 64)],
      ['', event.data.slice(64)],
    ),
    values(
      ...slots.slots.flatMap(({ slot, value }, i) => [
        [`log slot + ${i}`, slot],
        ['  value', value],
      ]),
      ['key slot', key.slot],
      ['  value', key.value],
    ),
    'What a machine signs to be enrolled: SHA-256 of the EIP-712 digest.',
    values(['digest', enrol.digest], ['its SHA-256', enrol.signedHash], ['signature', enrol.signature]),
  ]
}

function bundle({ bundle, state, place }) {
  const item = pick(bundle, 'one row in a log of five')
  return [
    'One row in a log of five entries, the chain that it is checked against, and the report.',
    `File, ${item.bundle.length / 2} bytes:\n\n${fence(hexBlock(item.bundle))}`,
    `Body:\n\n${fence(diagnostic(unhex(item.bundle).slice(32)))}`,
    `Trusted: \`${JSON.stringify(item.trust)}\`. The chain says:`,
    fence(JSON.stringify(item.chain, null, 2), 'json'),
    'The report:',
    fence(JSON.stringify({ logRoot: item.logRoot, statements: item.statements, rows: item.rows }, null, 2), 'json'),
    ...stateAnchor(pick(state, "header of the anchor's own block"), place),
  ]
}

/** A file with a state is long for a page: its parts in numbers, and its header whole. */
function stateAnchor({ bundle, blockHash, ...item }, place) {
  const [, , , , , anchor] = uncbor(unhex(bundle).slice(32))
  const [, , , header, nodes] = anchor
  const { stateRoot, number, time } = readHeader(header)
  const size = (list) => list.reduce((sum, { length }) => sum + length, 0)
  return [
    'Another row whose anchor is a state, the place that it was made from, and the header that all of it hangs on.',
    values(
      ['file', `${bundle.length / 2} bytes`],
      ['header', `${header.length} bytes`],
      ['trie nodes', `${nodes.length}, ${size(nodes)} bytes`],
      ['its place', `${pick(place, 'of one statement, in a state').place.length / 2} bytes`],
    ),
    fence(hexBlock(header)),
    values(
      ['number', number],
      ['time', time],
      ['state root', hex(stateRoot)],
      ['block hash', blockHash],
      ['not after', item.statements[0].notAfter],
    ),
  ]
}

const EXAMPLES = { key, messages, batch, statement, log, receipt, anchor, bundle }
const BLOCK = /(<!-- example:begin ([a-z]+) -->\n)[\s\S]*?(<!-- example:end -->)/g

/** A page with its example blocks filled from the vectors. */
export const fill = (page, vectors) =>
  page.replace(
    BLOCK,
    (_, begin, name, end) => `${begin}\n## Example\n\n${EXAMPLES[name](vectors).join('\n\n')}\n\n${end}`,
  )
