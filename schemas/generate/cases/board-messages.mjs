/** Replies and reports of board.json: every kind at its limits, and siblings with one thing wrong. */
import { crc, fromText, groups, packed, text, toText, untext, writeReply } from '../format/board.mjs'
import { writeReport } from '../format/board-line.mjs'
import { hex, labelled, unhex } from '../format/bytes.mjs'

const BAD = 'board-message-invalid'
const HEAD = { number: 1, boardMs: 336 }
const counters = (pulses, debounceUs) => ({
  counters: pulses.map((count, i) => ({ pulses: count, debounceUs: debounceUs[i] })),
})
const DEBOUNCES = [50_000, 2000, 500]
const GOOD_REPLIES = {
  identity: {
    reply: 'identity',
    protocol: 1,
    buildId: hex(labelled('a build of the firmware', 8)),
    boots: 7,
    resetCause: 2,
  },
  'identity, every cause and the largest boot count': {
    reply: 'identity',
    protocol: 1,
    buildId: 'ff'.repeat(8),
    boots: 2 ** 35 - 1,
    resetCause: 15,
  },
  'identity, no cause left by the bootloader': {
    reply: 'identity',
    protocol: 1,
    buildId: '00'.repeat(8),
    boots: 1,
    resetCause: 0,
  },
  counters: { reply: 'counters', ...counters([3, 1000, 450], DEBOUNCES) },
  'counters, none': { reply: 'counters', ...counters([0, 0, 0], [0, 0, 0]) },
  'counters, the largest': { reply: 'counters', ...counters([2 ** 32 - 1, 2 ** 32 - 1, 2 ** 32 - 1], [2e6, 2e6, 2e6]) },
  'interval, never': { reply: 'interval', intervalMs: 0 },
  'interval, the shortest': { reply: 'interval', intervalMs: 100 },
  'interval, the longest': { reply: 'interval', intervalMs: 2_097_151 },
  ...Object.fromEntries(
    [0, 1, 2, 3].map((state) => [`valve, closed, state ${state}`, { reply: 'valve', level: 0, leftMs: 0, state }]),
  ),
  'valve, open for an hour': { reply: 'valve', level: 1, leftMs: 3_600_000, state: 4 },
  'valve, closed but high': { reply: 'valve', level: 1, leftMs: 0, state: 2 },
  check: { reply: 'check' },
  ...Object.fromEntries(
    [1, 2, 3, 4, 5, 6].map((code) => [`error ${code}`, { reply: 'error', sysex: 0x76, detail: 0x77, code }]),
  ),
}

export function replies(cases) {
  const good = (name, content, before = '') =>
    cases.accept(
      `reply: ${name}`,
      { kind: 'reply', before, bytes: fromText(writeReply(content, toText(before))) },
      { content: { reply: content.reply, number: content.number, boardMs: content.boardMs, ...content } },
    )
  for (const [name, content] of Object.entries(GOOD_REPLIES)) good(name, { ...HEAD, ...content })
  good('the first number and the first millisecond', { number: 0, boardMs: 0, reply: 'check' })
  good('the last number and the last millisecond', { number: 2 ** 14 - 1, boardMs: 2 ** 35 - 1, reply: 'check' })
  good('a check over reports before it', { ...HEAD, reply: 'check' }, 'e00304910100')

  const whole = (name) => writeReply({ ...HEAD, ...GOOD_REPLIES[name] })
  const bad = (name, bytes, error = BAD) =>
    cases.reject(`reply: ${name}`, error, { kind: 'reply', before: '', bytes: fromText(bytes) })
  /** The reply with other payload bytes at a place, and a check that fits. */
  const bent = (name, reply, at, payload, error = BAD) => {
    const body = whole(reply).slice(0, -4)
    const other = body.slice(0, 10 + at) + text(payload) + body.slice(10 + at + payload.length)
    bad(`${reply}, ${name}`, `${other}${checkOf(other)}\xf7`, error)
  }
  bent('a build id byte of 256', 'identity', 1, [0, 2])
  bent('a cause that is not listed', 'identity', 22, [16])
  bent('protocol 2', 'identity', 0, [2], 'board-firmware')
  bent('a count of 2^32', 'counters', 0, [0, 0, 0, 0, 16])
  bent('a debounce of more than 2 s', 'counters', 5, [...untext(groups(2_000_001, 3))])
  bent('99 ms', 'interval, never', 0, [99])
  bent('level 2', 'valve, open for an hour', 0, [2])
  bent('more than an hour left', 'valve, open for an hour', 1, [...untext(groups(3_600_001, 4))])
  bent('state 5', 'valve, open for an hour', 5, [5])
  bent('code 0', 'error 1', 2, [0])
  bent('code 7', 'error 1', 2, [7])
  for (const [name, kept] of [
    ['a payload byte too few', (body) => body.slice(0, -1)],
    ['a payload byte too many', (body) => `${body}\x00`],
    ['no payload', (body) => body.slice(0, 10)],
    ['a command that is not listed', (body) => `${body.slice(0, 2)}\x42${body.slice(3)}`],
  ])
    for (const reply of ['identity', 'counters', 'interval, never', 'valve, open for an hour', 'error 1']) {
      const body = kept(whole(reply).slice(0, -4))
      bad(`${reply}, ${name}`, `${body}${checkOf(body)}\xf7`)
    }
  bad('check, without a check', whole('check').replace(/...\xf7$/s, '\xf7'))
  bad('check, with a check of 17 bits', whole('check').replace(/.\xf7$/s, '\x04\xf7'))
  bad('check, without f7', whole('check').slice(0, -1))
  bad('check, of another sysex', whole('check').replace('\xf0\x01', '\xf0\x02'))
  bad('check, with the eighth bit in its number', `${whole('check').slice(0, 3)}\x80${whole('check').slice(4)}`)
  bad('nothing', '')
}

/** The check that fits a message that is alone since the reply before. */
const checkOf = (body) => groups(crc(body), 3)

export function reports(cases) {
  const good = (name, content) =>
    cases.accept(`report: ${name}`, { kind: 'report', bytes: fromText(writeReport(content)) }, { content })
  good('analog channel 2', { report: 'analog', channel: 2, value: 515 })
  good('analog, all bits', { report: 'analog', channel: 15, value: 16383 })
  good('port 1', { report: 'digital', port: 1, levels: 129 })
  good('version', { report: 'version', major: 2, minor: 5 })
  good('firmware', { report: 'firmware', major: 1, minor: 0, name: 'fieldproof' })
  good('firmware without a name', { report: 'firmware', major: 2, minor: 5, name: '' })
  good('I2C, chip id of a BME280', { report: 'i2c', address: 0x76, register: 0xd0, data: '60' })
  good('I2C, 32 bytes', { report: 'i2c', address: 0x7f, register: 255, data: hex(labelled('bytes of a device')) })
  const address = hex(labelled('a 1-Wire address', 8))
  good('1-Wire, one address', { report: '1-wire-search', pin: 8, addresses: [address] })
  good('1-Wire, two addresses', { report: '1-wire-search', pin: 13, addresses: [address, 'ff'.repeat(8)] })
  good('1-Wire, a scratchpad', {
    report: '1-wire-read',
    pin: 8,
    correlation: '0801',
    data: hex(labelled('a scratchpad', 9)),
  })
  const bad = (name, bytes) => cases.reject(`report: ${name}`, BAD, { kind: 'report', bytes })
  bad('analog of one group', 'e203')
  bad('analog of three groups', 'e2030401')
  bad('analog with an eighth bit', 'e20384')
  bad('I2C without a register', 'f0777600f7')
  bad('I2C with half a byte', 'f07776005001' + '60f7')
  bad('I2C with a byte of 256', 'f07776005001' + '0002f7')
  bad('I2C with an address of 8 bits', 'f07700015001' + '6000f7')
  bad('I2C without f7', 'f077760050016000')
  bad('firmware without a minor version', 'f07901f7')
  bad('firmware with half a letter', 'f07901006600' + '69f7')
  bad('1-Wire with part of an address', `f0734208${fromText(packed(unhex(address.slice(2))))}f7`)
  bad('1-Wire with a bit behind the address', `f0734208${fromText(packed(unhex(address))).slice(0, -2)}7ff7`)
  bad('1-Wire bytes without a whole correlation id', `f0734308${fromText(packed(unhex('01')))}f7`)
}
