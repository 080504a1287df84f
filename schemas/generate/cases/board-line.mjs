/** Streams of board.json: one conversation as it was sent, and with one thing wrong at a time. Messages are hex here. */
import { fromText, toText, writeReply } from '../format/board.mjs'
import { writeReport } from '../format/board-line.mjs'
import { labelled } from '../format/bytes.mjs'

const VERSION = 'f90205'
const NAME = fromText(writeReport({ report: 'firmware', major: 1, minor: 0, name: 'fieldproof' }))
const ANALOG = 'e20304'
const PORT = '910100'
const reply = (content, ...before) => fromText(writeReply(content, toText(before.join(''))))

const OPENED = { reply: 'valve', number: 0, boardMs: 136, level: 1, leftMs: 200, state: 4 }
const COUNTED = {
  reply: 'counters',
  number: 1,
  boardMs: 1136,
  counters: [50_000, 2000, 500].map((debounceUs, i) => ({ pulses: 100 ** i, debounceUs })),
}
const CHECKED = { reply: 'check', number: 2, boardMs: 1140 }
const OPEN = reply(OPENED, VERSION, NAME)
const COUNTS = reply(COUNTED, ANALOG, PORT)
const CHECK = reply(CHECKED)
const LAST = reply({ ...CHECKED, number: 3, boardMs: 1150 }, ANALOG)

const report = (bytes) => ({ bytes })
const good = (bytes) => ({ bytes, check: 'good' })
const bad = (bytes) => ({ bytes, check: 'bad' })
const unknown = (bytes) => ({ bytes, check: 'unknown' })
/** Byte `at` of a message replaced: by nothing, another, or more. */
const at = (message, place, by) => message.slice(0, 2 * place) + by + message.slice(2 * place + 2)

/** kind line: what a board has sent since its reset, or since a host listens. */
export function lines(accept) {
  const whole = (name, parts, expected) => accept(name, { bytes: parts.join(''), fromReset: true, expected })
  whole('nothing', [], [])
  whole(
    'a board from its reset on',
    [VERSION, NAME, OPEN, ANALOG, PORT, COUNTS, CHECK],
    [report(VERSION), report(NAME), good(OPEN), report(ANALOG), report(PORT), good(COUNTS), good(CHECK)],
  )
  whole(
    'a bit wrong in the greeting',
    [VERSION, at(NAME, 4, '67'), OPEN],
    [report(VERSION), report(at(NAME, 4, '67')), bad(OPEN)],
  )
  whole('garbage before the greeting', ['55', VERSION, NAME, OPEN], [report(VERSION), report(NAME), bad(OPEN)])

  const joined = (name, parts, expected) => accept(name, { bytes: parts.join(''), fromReset: false, expected })
  joined(
    'joined in the middle of a reply',
    [OPEN.slice(14), ANALOG, PORT, COUNTS, CHECK],
    [report(ANALOG), report(PORT), unknown(COUNTS), good(CHECK)],
  )
  joined('joined between two replies', [PORT, COUNTS, CHECK], [report(PORT), unknown(COUNTS), good(CHECK)])
  /** After a reply; before CHECK and LAST, whose checks show when the host knows again where it stands. */
  const between = (name, parts, expected) =>
    joined(name, [OPEN, ...parts, CHECK, ANALOG, LAST], [unknown(OPEN), ...expected, report(ANALOG), good(LAST)])
  between('nothing wrong', [ANALOG, PORT, COUNTS], [report(ANALOG), report(PORT), good(COUNTS), good(CHECK)])
  reportFaults(between)
  replyFaults(between)
  interruptions(between)
  whole(
    'a reset that the host has not seen',
    [VERSION, NAME, OPEN, ANALOG, VERSION, NAME, OPEN, ANALOG, PORT, COUNTS],
    [
      ...[report(VERSION), report(NAME), good(OPEN), report(ANALOG)],
      ...[report(VERSION), report(NAME), bad(OPEN), report(ANALOG), report(PORT), good(COUNTS)],
    ],
  )
}

function reportFaults(between) {
  const lost = (name, parts, heard) =>
    between(name, [...parts, COUNTS], [...heard.map(report), bad(COUNTS), good(CHECK)])
  lost('the last byte of a report lost', [at(ANALOG, 2, ''), PORT], [PORT])
  lost('the first byte of a report lost', [at(ANALOG, 0, ''), PORT], [PORT])
  lost('a byte of a report changed', [at(ANALOG, 1, '04'), PORT], ['e20404', PORT])
  lost('the channel of a report changed', [at(ANALOG, 0, 'e3'), PORT], ['e30304', PORT])
  lost('a report turned into another kind', [at(ANALOG, 0, '92'), PORT], ['920304', PORT])
  lost('a byte of a report changed to a status byte', [at(ANALOG, 1, 'e3'), PORT], [PORT])
  lost('a byte added to a report', [at(ANALOG, 2, '0404'), PORT], [ANALOG, PORT])
  lost('a byte added between reports', [ANALOG, '00', PORT], [ANALOG, PORT])
  lost('a report lost', [PORT], [PORT])
  lost('both reports lost', [], [])
  lost('a report twice', [ANALOG, ANALOG, PORT], [ANALOG, ANALOG, PORT])
  lost('a report forged', [ANALOG, 'e57f07', PORT], [ANALOG, 'e57f07', PORT])
  lost('two reports exchanged', [PORT, ANALOG], [PORT, ANALOG])
  lost('a greeting that the board has not sent', [VERSION, NAME, ANALOG, PORT], [VERSION, NAME, ANALOG, PORT])
}

function replyFaults(between) {
  const heard = [report(ANALOG), report(PORT)]
  const wrong = (name, counts, expected) => between(name, [ANALOG, PORT, counts], [...heard, ...expected])
  const bent = (name, place, by) => wrong(name, at(COUNTS, place, by), [bad(at(COUNTS, place, by)), good(CHECK)])
  bent('a byte of a reply changed', 12, '01')
  bent('a byte of a reply lost', 12, '')
  bent('a byte added to a reply', 12, '0000')
  bent('the number of a reply changed', 3, '02')
  bent('the check of a reply changed', 34, '00')
  bent('a byte of the check of a reply lost', 35, '')
  // Without its ends a reply is none, and the check of the next covers it too.
  wrong('the f0 of a reply lost', at(COUNTS, 0, ''), [bad(CHECK)])
  wrong('the f7 of a reply lost', at(COUNTS, 37, ''), [bad(CHECK)])
  wrong('the f7 of a reply changed', at(COUNTS, 37, '77'), [bad(CHECK)])
  wrong('a reply lost', '', [bad(CHECK)])
  const renamed = at(COUNTS, 1, '02')
  wrong('a reply turned into another sysex', renamed, [report(renamed), bad(CHECK)])
  const cut = at(COUNTS, 20, 'f7')
  wrong('a byte of a reply changed to f7', cut, [bad(cut.slice(0, 42)), bad(CHECK)])
  wrong('a f0 in the middle of a reply', at(COUNTS, 20, 'f0'), [report(`f0${COUNTS.slice(42)}`), bad(CHECK)])
  // Nothing is wrong with what is there: only its number says that something is missing.
  between('two reports and their reply lost', [], [good(CHECK)])
  wrong('a reply twice', COUNTS + COUNTS, [good(COUNTS), bad(COUNTS), good(CHECK)])
}

function interruptions(between) {
  const junk = (name, bytes, heard = []) =>
    between(name, [ANALOG, PORT, bytes, COUNTS], [...[ANALOG, PORT, ...heard].map(report), bad(COUNTS), good(CHECK)])
  junk('data bytes outside a message', '007f55')
  junk('a f7 outside a message', 'f7')
  junk('status bytes that no board sends', 'a0b1c2d3f1f4f5f6f8fafdfeff')
  junk('a sysex that is interrupted by a report', 'f07776e50102', ['e50102'])
  junk('a sysex that is interrupted by a sysex', 'f07776f06a7ff7', ['f06a7ff7'])
  junk('a sysex that is interrupted by a byte that begins nothing', 'f06a7fff7ff7')
  junk('a report that is interrupted by a report', 'e501910200', ['910200'])
  junk('a report that is interrupted by f7', 'e501f702')
  const noise = [...labelled('noise on a line', 32)].map((byte) => (byte & 0x40 ? byte & 0x7f : 0xa0 | (byte & 0x1f)))
  junk('noise without a message', Buffer.from(noise).toString('hex'))
}

/** kind host-line: what a board makes of what comes from a host. */
export function hostLines(accept) {
  const line = (name, parts, messages) =>
    accept(name, {
      bytes: parts.join(''),
      expected: messages.map((message) => (typeof message === 'string' ? { bytes: message } : { answer: message })),
    })
  const every = ['f9', 'f079f7', 'c201', 'd100', 'f40802', 'f50901', '910100', 'f07a6407f7', 'f0010548010000f7', 'ff']
  line('one of each', every, every)
  line('bytes outside', ['00', 'c201', '017f', 'f7', 'f0010460f7', '05'], ['c201', 'f0010460f7'])
  line('a request that another interrupts', ['f0010548', 'f00104f7'], ['f00104f7'])
  line('a request that a reset interrupts', ['f0010548', 'ff', '0100f7'], ['ff'])
  line('a request that a version query interrupts', ['f0010548', 'f9', '0000f7'], ['f9'])
  line('a message of two bytes that is cut short', ['f409', 'c001'], ['c001'])
  line('a message of one byte that is cut short', ['c0', 'd101'], ['d101'])
  line('a request without its f0', ['010548010000f7', 'f9'], ['f9'])
  line('a request without its f7', ['f0010548010000', 'c001'], ['c001'])
  const sysex = (id, length) => `f0${id}${'05'.repeat(length - id.length / 2)}f7`
  line('a sysex of 96 bytes', [sysex('01', 96)], [sysex('01', 96)])
  line('a sysex of 97 bytes, and a message', [sysex('0102', 97), 'f9'], [[1, 2, 1], 'f9'])
  line('an I2C request of 200 bytes', [sysex('7640', 200)], [[0x76, 0x40, 1]])
  line('a sysex of 97 bytes that is interrupted', [sysex('01', 97).slice(0, -2), 'f9f7'], ['f9'])
}
