/** Every case of schemas/vectors/board.json, which an independent implementation writes from the page. */
import { readFileSync } from 'node:fs'
import { fieldproofErrorOf, fromHex, toHex } from '@fieldproof/sdk/base'
import { describe, expect, it } from 'vitest'
import {
  type BoardFrame,
  CRC_START,
  crc16,
  createFrameGate,
  createGroupReader,
  createHostGate,
  decodePacked,
  decodeReply,
  decodeRequest,
  encodeBytes,
  encodeNumber,
  encodePacked,
  encodeReply,
  encodeRequest,
  type HostMessage,
  REFUSALS,
} from '../../src/protocol/index.ts'
import { contentOfReply, contentOfReport, contentOfRequest } from './vector-content.ts'

interface Case {
  readonly name: string
  readonly kind: string
  readonly valid: boolean
  readonly error?: string
  readonly bytes: string
  readonly [field: string]: unknown
}

const FILE = new URL('../../../schemas/vectors/board.json', import.meta.url)
const { cases } = JSON.parse(readFileSync(FILE, 'utf8')) as { cases: Case[] }
const hexOf = (bytes: Iterable<number>): string => toHex(Uint8Array.from(bytes))

/** Fields that a reader computes; each other field of a good case is given. */
type Outputs = Readonly<Record<string, unknown>>

/** Readers by kind; each writes a good case again. */
const READERS: Readonly<Record<string, (bytes: Uint8Array, item: Case) => Outputs>> = {
  number: (bytes, { groups }) => {
    const reader = createGroupReader(bytes)
    const value = reader.number(Number(groups))
    reader.end()
    return { value, bytes: hexOf(encodeNumber(value, Number(groups))) }
  },
  bytes: (bytes) => {
    const reader = createGroupReader(bytes)
    const data = reader.bytes(Math.ceil(reader.left() / 2))
    return { data: toHex(data), bytes: hexOf(encodeBytes(data)) }
  },
  packed: (bytes) => {
    const data = decodePacked(bytes)
    return { data: toHex(data), bytes: hexOf(encodePacked(data)) }
  },
  request: (bytes) => {
    const request = decodeRequest(bytes)
    if (request.kind !== 'refused') return { content: contentOfRequest(request), bytes: toHex(encodeRequest(request)) }
    return { answer: [request.sysex, request.detail, 1 + REFUSALS.indexOf(request.refusal)] }
  },
  reply: (bytes, { before }) => {
    const reply = decodeReply(bytes)
    const crc = crc16(fromHex(String(before)), CRC_START)
    return { content: contentOfReply(reply), bytes: toHex(encodeReply(reply, crc)) }
  },
  report: (bytes) => ({ content: contentOfReport(bytes) }),
  line: (bytes, { fromReset }) => {
    const frames: BoardFrame[] = []
    createFrameGate((frame) => frames.push(frame), { fromReset: fromReset === true }).take(bytes)
    return {
      messages: frames.map((frame) => ({
        bytes: toHex(frame.bytes),
        ...(frame.kind === 'feature' ? { check: frame.check } : {}),
      })),
    }
  },
  'host-line': (bytes) => {
    const messages: HostMessage[] = []
    createHostGate((message) => messages.push(message)).take(bytes)
    return {
      messages: messages.map((message) =>
        message.kind === 'message'
          ? { bytes: toHex(message.bytes) }
          : { answer: [message.sysex, message.detail, 1 + REFUSALS.indexOf('bad-length')] },
      ),
    }
  },
}

const FRAME = ['name', 'valid', 'kind', 'error']
const GIVEN: Readonly<Record<string, readonly string[]>> = {
  number: ['groups'],
  reply: ['before'],
  report: ['bytes'],
  line: ['bytes', 'fromReset'],
  'host-line': ['bytes'],
}

/** The outputs, or the code of the refusal. */
function read(item: Case): Outputs | string | undefined {
  const reader = READERS[item.kind]
  if (reader === undefined) throw new Error(`no reader for ${item.kind}`)
  try {
    return reader(fromHex(item.bytes), item)
  } catch (error) {
    return fieldproofErrorOf(error)?.code
  }
}

describe('schemas/vectors/board.json', () => {
  it('has good and bad cases of every kind of message, and streams', () => {
    const kinds = new Set(cases.map(({ kind, valid }) => `${kind} ${valid}`))
    for (const kind of ['number', 'bytes', 'packed', 'request', 'reply', 'report']) {
      expect([...kinds]).toEqual(expect.arrayContaining([`${kind} true`, `${kind} false`]))
    }
    expect([...kinds]).toEqual(expect.arrayContaining(['line true', 'host-line true']))
  })

  it.each(cases.filter(({ valid }) => valid).map((item) => [item.name, item] as const))('good: %s', (_, item) => {
    const stated = Object.entries(item).filter(([name]) => !FRAME.includes(name) && !GIVEN[item.kind]?.includes(name))
    expect(stated.length).toBeGreaterThan(0)
    expect(read(item)).toEqual(Object.fromEntries(stated))
  })

  it.each(cases.filter(({ valid }) => !valid).map((item) => [item.name, item] as const))('bad: %s', (_, item) => {
    // A board does not refuse in silence: what it cannot do has an answer, and the code is that of whoever reads it otherwise.
    if (item.kind === 'request') expect(read(item)).toEqual({ answer: item['answer'] })
    else expect(read(item)).toBe(item.error)
  })
})
