/** Both directions of a board's serial line, and what Firmata says on it (spec 08-board: BOARD-3, BOARD-8, BOARD-9). */

import { crc, fromText, groups, packed, pairs, ungroups, unpacked, unpairs, untext } from './board.mjs'
import { hex, must } from './bytes.mjs'

const FROM_BOARD = /\xf0[^\x80-\xff]+\xf7|[\x90-\x9f\xe0-\xef\xf9][^\x80-\xff]{2}/g
const FROM_HOST = /\xf0[^\x80-\xff]+\xf7|[\x90-\x9f\xf4\xf5][^\x80-\xff]{2}|[\xc0-\xdf][^\x80-\xff]|[\xf9\xff]/g

/**
 * Whole messages of a board, each of feature 01 with what its check says of everything since the one before; `fromReset` says
 * whether the first byte is the first after a reset of the board.
 */
export function readLine(stream, fromReset) {
  let begin = fromReset ? 0 : undefined
  return [...stream.matchAll(FROM_BOARD)].map(({ 0: message, index }) => {
    if (!message.startsWith('\xf0\x01')) return { bytes: fromText(message) }
    const end = index + message.length
    const holds = message.length >= 6 && crc(stream.slice(begin, end - 4)) === ungroups(message.slice(-4, -1))
    const check = begin === undefined ? 'unknown' : holds ? 'good' : 'bad'
    begin = end
    return { bytes: fromText(message), check }
  })
}

/** Whole messages of a host; of a sysex that is too long, the error that answers it: [sysex, next byte, code]. */
export const readHost = (stream) =>
  [...stream.matchAll(FROM_HOST)].map(([message]) => {
    const [, id, next] = untext(message)
    return message.length - 2 > 96 ? { answer: [id, next, 1] } : { bytes: fromText(message) }
  })

/** Reports: a pattern, a writer, and a reader of its parts. */
const REPORTS = {
  analog: [
    /^([\xe0-\xef])([^\x80-\xff]{2})$/,
    ({ channel, value }) => String.fromCharCode(0xe0 + channel) + groups(value, 2),
    (status, value) => ({ channel: status.charCodeAt() - 0xe0, value: ungroups(value) }),
  ],
  digital: [
    /^([\x90-\x9f])([^\x80-\xff]{2})$/,
    ({ port, levels }) => String.fromCharCode(0x90 + port) + groups(levels, 2),
    (status, levels) => ({ port: status.charCodeAt() - 0x90, levels: ungroups(levels) }),
  ],
  version: [
    /^\xf9([^\x80-\xff])([^\x80-\xff])$/,
    ({ major, minor }) => `\xf9${groups(major, 1)}${groups(minor, 1)}`,
    (major, minor) => ({ major: ungroups(major), minor: ungroups(minor) }),
  ],
  firmware: [
    /^\xf0\x79([^\x80-\xff])([^\x80-\xff])([^\x80-\xff]*)\xf7$/,
    ({ major, minor, name }) =>
      `\xf0\x79${groups(major, 1)}${groups(minor, 1)}${pairs(Buffer.from(name, 'latin1'))}\xf7`,
    (major, minor, name) => ({
      major: ungroups(major),
      minor: ungroups(minor),
      name: Buffer.from(unpairs(name)).toString('latin1'),
    }),
  ],
  i2c: [
    /^\xf0\x77([^\x80-\xff]{2})([^\x80-\xff]{2})([^\x80-\xff]*)\xf7$/,
    ({ address, register, data }) =>
      `\xf0\x77${groups(address, 2)}${groups(register, 2)}${pairs(Buffer.from(data, 'hex'))}\xf7`,
    (address, register, data) => {
      must(ungroups(address) < 128, 'board-message-invalid', 'an address of more than 7 bits')
      return { address: ungroups(address), register: ungroups(register), data: hex(unpairs(data)) }
    },
  ],
  '1-wire-search': [
    /^\xf0\x73\x42([^\x80-\xff])([^\x80-\xff]*)\xf7$/,
    ({ pin, addresses }) => `\xf0\x73\x42${groups(pin, 1)}${packed(Buffer.from(addresses.join(''), 'hex'))}\xf7`,
    (pin, data) => {
      const all = hex(unpacked(data))
      must(all.length % 16 === 0, 'board-message-invalid', 'part of an address')
      return { pin: ungroups(pin), addresses: all.match(/.{16}/g) ?? [] }
    },
  ],
  '1-wire-read': [
    /^\xf0\x73\x43([^\x80-\xff])([^\x80-\xff]*)\xf7$/,
    ({ pin, correlation, data }) =>
      `\xf0\x73\x43${groups(pin, 1)}${packed(Buffer.from(correlation + data, 'hex'))}\xf7`,
    (pin, packedData) => {
      const all = hex(unpacked(packedData))
      must(all.length >= 4, 'board-message-invalid', 'no correlation id')
      return { pin: ungroups(pin), correlation: all.slice(0, 4), data: all.slice(4) }
    },
  ],
}

export const writeReport = ({ report, ...values }) => REPORTS[report][1](values)

/** A report of one of these kinds. @throws Refused */
export function readReport(message) {
  for (const [report, [pattern, , read]] of Object.entries(REPORTS)) {
    const found = pattern.exec(message)
    if (found !== null) return { report, ...read(...found.slice(1)) }
  }
  return must(false, 'board-message-invalid', 'no report of a board')
}
