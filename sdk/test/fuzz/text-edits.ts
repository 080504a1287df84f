/** Edits of texts: topics, notes, paths, hex, URLs, JSON as it is spelled. */
import type { Random } from './random.ts'

const PIECES: readonly string[] = [
  ...[
    '\u0000',
    '\n',
    '\n\n',
    '\r\n',
    ' ',
    '+',
    '=',
    '/',
    '//',
    '%',
    '%00',
    '%2f',
    '..',
    '.',
    '-',
    '\u2014 ',
    '\ufeff',
    '\ud800',
    '\udc00',
  ],
  ...[
    '0x',
    '0',
    '00',
    '1e3',
    '-1',
    '9007199254740992',
    '"',
    '\\',
    '{',
    '[',
    ']',
    '}',
    ',',
    ':',
    'null',
    '\u00e9',
    '\u{1f642}',
    'x000/',
    '.p/1',
  ],
]

/** One edit. @param donors lend their ends */
export function randomTextEdit(text: string, donors: readonly string[], random: Random): string {
  const at = random.below(text.length + 1)
  const how = random.below(9)
  if (how === 0) return text.slice(0, at)
  if (how === 1) return text.slice(at)
  if (how === 2) return text.slice(0, at) + text.slice(at + 1 + random.below(6))
  if (how === 3) return text.slice(0, at) + (random.pick(PIECES) ?? '') + text.slice(at)
  if (how === 4) return text.slice(0, at) + (random.pick(PIECES) ?? '') + text.slice(at + 1)
  if (how === 5) {
    const donor = random.pick(donors) ?? ''
    return text.slice(0, at) + donor.slice(random.below(donor.length + 1))
  }
  if (how === 6)
    return (
      text.slice(0, at) + String.fromCharCode(random.below(random.below(8) === 0 ? 0x10000 : 0x80)) + text.slice(at + 1)
    )
  if (how === 7 && random.below(60) === 0) return text + (random.pick(PIECES) ?? 'x').repeat(random.below(100_000))
  const end = random.below(text.length + 1)
  return text.slice(0, at) + text.slice(Math.min(at, end), Math.max(at, end)) + text.slice(at)
}
