/** board.json: what host and board say on a serial line, and what becomes of it when the line changes a byte. */
import {
  fromText,
  groups,
  packed,
  pairs,
  REQUESTS,
  readReply,
  readRequest,
  toText,
  ungroups,
  unpacked,
  unpairs,
  writeReply,
  writeRequest,
} from '../format/board.mjs'
import { readHost, readLine, readReport } from '../format/board-line.mjs'
import { hex, labelled, must, unhex } from '../format/bytes.mjs'
import { suite } from '../suite.mjs'
import { hostLines, lines } from './board-line.mjs'
import { replies, reports } from './board-messages.mjs'

const BAD = 'board-message-invalid'

const READERS = {
  number: ({ bytes, groups: count }) => {
    const digits = unhex(bytes)
    must(digits.length === count && digits.every((digit) => digit < 128), BAD, 'not that many groups')
    return { value: ungroups(toText(bytes)) }
  },
  bytes: ({ bytes }) => ({ data: hex(unpairs(toText(bytes))) }),
  packed: ({ bytes }) => ({ data: hex(unpacked(toText(bytes))) }),
  request: ({ bytes }) => {
    const { answer, ...content } = readRequest(toText(bytes))
    must(answer === undefined, BAD, `answered ${answer}`)
    return { content }
  },
  reply: ({ bytes, before, content }) => {
    const found = readReply(toText(bytes))
    if (content !== undefined) must(fromText(writeReply(found, toText(before))) === bytes, BAD, 'check')
    return { content: found }
  },
  report: ({ bytes }) => ({ content: readReport(toText(bytes)) }),
  line: ({ bytes, fromReset }) => ({ messages: readLine(toText(bytes), fromReset) }),
  'host-line': ({ bytes }) => ({ messages: readHost(toText(bytes)) }),
}

export function boardCases() {
  const cases = suite({
    description:
      'Messages on the serial line of a board. kind: number, bytes and packed (groups of 7 bits), request, reply and report ' +
      '(one message), line and host-line (what a stream holds). `answer` is the error that a board sends: sysex, detail, code.',
    spec: 'schemas/spec/08-board.md',
    rules: ['BOARD-1', 'BOARD-3', 'BOARD-8', 'BOARD-9'],
    read: (item) => READERS[item.kind](item),
  })
  numbers(cases)
  requests(cases)
  replies(cases)
  reports(cases)
  lines((name, item) => withResult(cases, name, { kind: 'line', ...item }))
  hostLines((name, item) => withResult(cases, name, { kind: 'host-line', ...item }))
  return cases.file()
}

/** A case that states whatever the reader finds: for streams, whose messages are written elsewhere and only cut here. */
const withResult = (cases, name, { expected, ...item }) => {
  const found = READERS[item.kind](item)
  const plain = (messages) => JSON.stringify(messages)
  if (plain(found.messages) !== plain(expected))
    throw new Error(`${name}: ${plain(found.messages)}, not ${plain(expected)}`)
  cases.accept(`${item.kind}: ${name}`, item, found)
}

function numbers(cases) {
  for (const count of [1, 2, 3, 4, 5])
    for (const [name, value] of [
      ['zero', 0],
      ['the largest number', 2 ** (7 * count) - 1],
      ['the largest number of one group less, and one', 2 ** (7 * (count - 1))],
    ])
      cases.accept(
        `${name} of ${count} groups`,
        { kind: 'number', groups: count, bytes: fromText(groups(value, count)) },
        { value },
      )
  const bad = (name, count, bytes) => cases.reject(`number: ${name}`, BAD, { kind: 'number', groups: count, bytes })
  bad('a group too few', 5, '7f7f7f7f')
  bad('a group too many', 5, '7f7f7f7f7f00')
  bad('the eighth bit of a group', 2, '7f80')
  const data = labelled('bytes of a board', 8)
  for (const [name, bytes] of Object.entries({
    none: '',
    one: '80',
    'each bit alone': '0102040810204080',
    seven: hex(data).slice(2),
    eight: hex(data),
  })) {
    cases.accept(`bytes: ${name}`, { kind: 'bytes', bytes: fromText(pairs(unhex(bytes))) }, { data: bytes })
    cases.accept(`packed: ${name}`, { kind: 'packed', bytes: fromText(packed(unhex(bytes))) }, { data: bytes })
  }
  cases.reject('bytes: half a byte', BAD, { kind: 'bytes', bytes: '7f017f' })
  cases.reject('bytes: two groups of 256', BAD, { kind: 'bytes', bytes: '0002' })
  cases.reject('packed: a group and no byte', BAD, { kind: 'packed', bytes: '00' })
  cases.reject('packed: seven bytes and a group more', BAD, { kind: 'packed', bytes: '000000000000000000' })
  cases.reject('packed: a bit behind the last byte', BAD, { kind: 'packed', bytes: '0102' })
}

function requests(cases) {
  const good = (name, content) =>
    cases.accept(`request: ${name}`, { kind: 'request', bytes: fromText(writeRequest(content)) }, { content })
  for (const [request, [, ...parts]] of Object.entries(REQUESTS)) {
    const values = (pick) => Object.fromEntries(parts.map(([name, , min, max]) => [name, pick(min, max)]))
    good(request, { request, ...values((min) => min) })
    if (parts.length > 0) good(`${request}, the largest values`, { request, ...values((_, max) => max) })
  }
  good('report counters every 100 ms', { request: 'report-counters', intervalMs: 100 })
  good('open valve for 200 ms', { request: 'open-valve', forMs: 200 })

  const bad = (name, data) => {
    const bytes = `f001${data}f7`
    cases.reject(`request: ${name}`, BAD, { kind: 'request', bytes, answer: readRequest(toText(bytes)).answer })
  }
  const number = (value, count) => fromText(groups(value, count))
  bad('no command', '')
  bad('a command that is not listed', '07')
  bad('the command of a reply', '40')
  bad('the last command', '7f')
  bad('identity with a payload', '0000')
  bad('check with a payload', '0800')
  bad('open valve with a group too few', `05${number(200, 3)}`)
  bad('open valve with a group too many', `05${number(200, 5)}`)
  bad('open valve for no time', `05${number(0, 4)}`)
  bad('open valve for more than an hour', `05${number(3_600_001, 4)}`)
  bad('open valve for the largest number', `05${number(2 ** 28 - 1, 4)}`)
  bad('report counters every 1 ms', `03${number(1, 3)}`)
  bad('report counters every 99 ms', `03${number(99, 3)}`)
  bad('debounce of counter 3', `0203${number(0, 3)}`)
  bad('debounce of more than 2 s', `0200${number(2_000_001, 3)}`)
}
