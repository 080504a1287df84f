/** What stands on a board's serial line (spec 08-board). Messages are texts of one character a byte, so that patterns can find them. */
import { hex, must, unhex } from './bytes.mjs'

const BAD = 'board-message-invalid'
const invalid = (condition, message) => must(condition, BAD, message)

export const text = (bytes) => Buffer.from(bytes).toString('latin1')
export const untext = (string) => new Uint8Array(Buffer.from(string, 'latin1'))
export const toText = (hexadecimal) => text(unhex(hexadecimal))
export const fromText = (string) => hex(untext(string))

/** BOARD-9: the table of CRC-16/IBM-3740, a byte at a time. */
const TABLE = Array.from({ length: 256 }, (_, byte) => {
  let row = byte << 8
  for (let bit = 0; bit < 8; bit++) row = row & 0x8000 ? ((row << 1) & 0xffff) ^ 0x1021 : row << 1
  return row
})
export const crc = (string) =>
  untext(string).reduce((sum, byte) => ((sum << 8) & 0xffff) ^ TABLE[(sum >> 8) ^ byte], 0xffff)

/** Numbers as digits of base 128, the lowest first. */
export const groups = (value, count) =>
  text(Array.from({ length: count }, (_, i) => Number((BigInt(value) >> BigInt(7 * i)) & 127n)))
export const ungroups = (string) =>
  Number([...untext(string)].reverse().reduce((sum, digit) => (sum << 7n) | BigInt(digit), 0n))

export const pairs = (bytes) => [...bytes].map((byte) => groups(byte, 2)).join('')

export function unpairs(string) {
  invalid(string.length % 2 === 0, 'half a byte')
  const values = (string.match(/../gs) ?? []).map(ungroups)
  invalid(
    values.every((value) => value < 256),
    'two groups above 255',
  )
  return Uint8Array.from(values)
}

/** Packed bytes: one string of bits, the lowest first, cut into sevens. */
const bits = (bytes, width) =>
  [...bytes].map((byte) => [...byte.toString(2).padStart(width, '0')].reverse().join('')).join('')
const unbits = (string, width) =>
  Uint8Array.from(string.match(new RegExp(`.{${width}}`, 'g')) ?? [], (part) =>
    Number.parseInt([...part].reverse().join(''), 2),
  )

export function packed(bytes) {
  const all = bits(bytes, 8)
  return text(unbits(all.padEnd(Math.ceil(all.length / 7) * 7, '0'), 7))
}

export function unpacked(string) {
  const all = bits(untext(string), 7)
  const rest = all.slice(all.length - (all.length % 8))
  invalid(rest.length < 7 && !rest.includes('1'), 'packed bytes end in something else than zeros')
  return unbits(all, 8)
}

/** Takes fields from the front of a payload: `n` groups a number, within bounds. */
function fields(payload) {
  let rest = payload
  const cut = (length) => {
    invalid(rest.length >= length, 'ends too early')
    const part = rest.slice(0, length)
    rest = rest.slice(length)
    return part
  }
  return {
    cut,
    number(count, max = 2 ** (7 * count) - 1, min = 0) {
      const value = ungroups(cut(count))
      invalid(value >= min && value <= max, `${value} is not within ${min} to ${max}`)
      return value
    },
    rest: () => cut(rest.length),
    end: () => invalid(rest === '', 'too long'),
  }
}

/** Feature 01, requests: command, then [field, groups, least, most]. */
export const REQUESTS = {
  identity: [0x00],
  counters: [0x01],
  'set-debounce': [0x02, ['counter', 1, 0, 2], ['debounceUs', 3, 0, 2_000_000]],
  'report-counters': [0x03, ['intervalMs', 3, 0, 2_097_151]],
  valve: [0x04],
  'open-valve': [0x05, ['forMs', 4, 1, 3_600_000]],
  'close-valve': [0x06],
  check: [0x08],
}

export const writeRequest = ({ request, ...values }) => {
  const [command, ...parts] = REQUESTS[request]
  return `\xf0\x01${groups(command, 1)}${parts.map(([name, count]) => groups(values[name], count)).join('')}\xf7`
}

/** A request as {request, ...fields}, or the error that a board answers: [sysex, command, code] (BOARD-8). */
export function readRequest(message) {
  const data = untext(message.slice(2, -1))
  const answer = (code) => ({ answer: [1, data[0] ?? 0, code] })
  if (data.length === 0) return answer(1)
  const [request, definition] = Object.entries(REQUESTS).find(([, [command]]) => command === data[0]) ?? []
  if (request === undefined) return answer(2)
  const parts = definition.slice(1)
  if (data.length !== parts.reduce((sum, [, count]) => sum + count, 1)) return answer(1)
  const payload = fields(text(data.slice(1)))
  const values = parts.map(([name, count, min, max]) => ({ name, min, max, value: payload.number(count) }))
  if (values.some(({ value, min, max }) => value < min || value > max)) return answer(3)
  const every = values.find(({ name }) => name === 'intervalMs')?.value ?? 0
  if (every > 0 && every < 100) return answer(3)
  return { request, ...Object.fromEntries(values.map(({ name, value }) => [name, value])) }
}

/** Feature 01, replies: command, writer and reader of the payload. */
export const REPLIES = {
  identity: [
    0x40,
    ({ protocol, buildId, boots, resetCause }) =>
      groups(protocol, 1) + pairs(unhex(buildId)) + groups(boots, 5) + groups(resetCause, 1),
    (payload) => {
      const protocol = payload.number(1)
      must(protocol === 1, 'board-firmware', `protocol ${protocol}`)
      return {
        protocol,
        buildId: hex(unpairs(payload.cut(16))),
        boots: payload.number(5),
        resetCause: payload.number(1, 15),
      }
    },
  ],
  counters: [
    0x41,
    ({ counters }) => counters.map(({ pulses, debounceUs }) => groups(pulses, 5) + groups(debounceUs, 3)).join(''),
    (payload) => ({
      counters: [1, 2, 3].map(() => ({
        pulses: payload.number(5, 2 ** 32 - 1),
        debounceUs: payload.number(3, 2_000_000),
      })),
    }),
  ],
  interval: [
    0x43,
    ({ intervalMs }) => groups(intervalMs, 3),
    (payload) => {
      const intervalMs = payload.number(3)
      invalid(intervalMs === 0 || intervalMs >= 100, `an interval of ${intervalMs} ms`)
      return { intervalMs }
    },
  ],
  valve: [
    0x44,
    ({ level, leftMs, state }) => groups(level, 1) + groups(leftMs, 4) + groups(state, 1),
    (payload) => ({ level: payload.number(1, 1), leftMs: payload.number(4, 3_600_000), state: payload.number(1, 4) }),
  ],
  check: [0x48, () => '', () => ({})],
  error: [
    0x7f,
    ({ sysex, detail, code }) => groups(sysex, 1) + groups(detail, 1) + groups(code, 1),
    (payload) => ({ sysex: payload.number(1), detail: payload.number(1), code: payload.number(1, 6, 1) }),
  ],
}

/** A reply {reply, number, boardMs, ...}; `before` is what the board has said since its last one. */
export function writeReply({ reply, number, boardMs, ...values }, before = '') {
  const [command, write] = REPLIES[reply]
  const body = `\xf0\x01${groups(command, 1)}${groups(number, 2)}${groups(boardMs, 5)}${write(values)}`
  return `${body}${groups(crc(before + body), 3)}\xf7`
}

/** The same back. @throws Refused */
export function readReply(message) {
  const isSysex = message.startsWith('\xf0\x01') && /^[^\x80-\xff]{12,}\xf7$/.test(message.slice(1))
  invalid(isSysex, 'no sysex of feature 01 with number, time and check')
  invalid(ungroups(message.slice(-4, -1)) <= 0xffff, 'a check of more than 16 bits')
  const payload = fields(message.slice(2, -4))
  const command = payload.number(1)
  const [reply, [, , read]] = Object.entries(REPLIES).find(([, [own]]) => own === command) ?? [undefined, []]
  invalid(reply !== undefined, `no reply ${command}`)
  const found = { reply, number: payload.number(2), boardMs: payload.number(5), ...read(payload) }
  payload.end()
  return found
}
