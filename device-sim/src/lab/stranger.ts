/**
 * A program for the Uno that is not ours, assembled here so that it can be shipped: it answers the four questions of Firmata's
 * handshake, as if it had one pin, and calls itself "Blink". It can do nothing else, and a station must refuse it.
 */

/** Question's byte that is waited for, and the answer. */
const ANSWERS: readonly (readonly [question: number, answer: readonly number[]])[] = [
  [0xf9, [0xf9, 0x02, 0x05]],
  [0x79, [0xf0, 0x79, 0x02, 0x05, ...[...'Blink'].flatMap((letter) => [letter.charCodeAt(0), 0]), 0xf7]],
  [0x6b, [0xf0, 0x6c, 0x00, 0x01, 0x01, 0x01, 0x7f, 0xf7]],
  [0x69, [0xf0, 0x6a, 0x7f, 0xf7]],
]
/** Behind every answer; no byte of Firmata in these answers is it. */
const END = 0xff

const [TEMPORARY, RECEIVED, SENT] = [16, 17, 18]
const [UCSR0A, UCSR0B, UCSR0C, UBRR0L, UDR0] = [0xc0, 0xc1, 0xc2, 0xc4, 0xc6]
const [U2X, RXC, UDRE] = [1, 7, 5]
const RECEIVE_AND_TRANSMIT = 0x18
const EIGHT_BITS = 0x06
/** 57600 bit/s at 16 MHz with U2X. */
const RATE = 34

/** Op codes, as the instruction set manual (DS40002198) has them. */
const ldi = (r: number, k: number): number => 0xe000 | ((k & 0xf0) << 4) | ((r - 16) << 4) | (k & 15)
const cpi = (r: number, k: number): number => 0x3000 | ((k & 0xf0) << 4) | ((r - 16) << 4) | (k & 15)
const lds = (r: number, at: number): readonly number[] => [0x9000 | (r << 4), at]
const sts = (at: number, r: number): readonly number[] => [0x9200 | (r << 4), at]
const sbrs = (r: number, bit: number): number => 0xfe00 | (r << 4) | bit
const lpmZPlus = (r: number): number => 0x9005 | (r << 4)
const rjmp = (words: number): number => 0xc000 | (words & 0xfff)
const breq = (words: number): number => 0xf001 | ((words & 0x7f) << 3)
const brne = (words: number): number => 0xf401 | ((words & 0x7f) << 3)
const [ZL, ZH] = [30, 31]

/** Intel HEX text of the program. */
export function strangerHex(): string {
  const start = [
    ldi(TEMPORARY, 1 << U2X),
    ...sts(UCSR0A, TEMPORARY),
    ldi(TEMPORARY, RATE),
    ...sts(UBRR0L, TEMPORARY),
    ldi(TEMPORARY, EIGHT_BITS),
    ...sts(UCSR0C, TEMPORARY),
    ldi(TEMPORARY, RECEIVE_AND_TRANSMIT),
    ...sts(UCSR0B, TEMPORARY),
  ]
  const listen = [...lds(TEMPORARY, UCSR0A), sbrs(TEMPORARY, RXC), rjmp(-4), ...lds(RECEIVED, UDR0)]
  const CASE_WORDS = 5
  const SEND_WORDS = 10
  const casesAt = start.length + listen.length
  const sendAt = casesAt + ANSWERS.length * CASE_WORDS + 1
  const tableAt = 2 * (sendAt + SEND_WORDS)
  const offsets = ANSWERS.map((_, i) =>
    ANSWERS.slice(0, i).reduce((sum, [, answer]) => sum + answer.length + 1, tableAt),
  )
  const cases = ANSWERS.flatMap(([question], i) => {
    const here = casesAt + i * CASE_WORDS
    const at = offsets[i] ?? tableAt
    return [cpi(RECEIVED, question), brne(3), ldi(ZL, at & 255), ldi(ZH, at >> 8), rjmp(sendAt - (here + CASE_WORDS))]
  })
  const again = rjmp(start.length - (sendAt - 1) - 1)
  // An answer that is over leads back to `again`.
  const send = [
    lpmZPlus(SENT),
    cpi(SENT, END),
    breq(-4),
    ...lds(TEMPORARY, UCSR0A),
    sbrs(TEMPORARY, UDRE),
    rjmp(-4),
    ...sts(UDR0, SENT),
    rjmp(-10),
  ]
  const words = [...start, ...listen, ...cases, again, ...send]
  const table = ANSWERS.flatMap(([, answer]) => [...answer, END])
  return intelHex([...words.flatMap((word) => [word & 255, word >> 8]), ...table])
}

const RECORD_BYTES = 16

function intelHex(bytes: readonly number[]): string {
  const records = Array.from({ length: Math.ceil(bytes.length / RECORD_BYTES) }, (_, i) => {
    const data = bytes.slice(i * RECORD_BYTES, (i + 1) * RECORD_BYTES)
    const at = i * RECORD_BYTES
    const body = [data.length, at >> 8, at & 255, 0, ...data]
    const sum = body.reduce((total, byte) => total + byte, 0)
    return `:${[...body, -sum & 255].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`
  })
  return `${[...records, ':00000001ff'].join('\n').toUpperCase()}\n`
}
