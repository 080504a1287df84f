/**
 * A small validator for the part of RFC 8610 that fieldproof.cddl uses: literals, ranges, choices, tags, groups of arrays and
 * maps with occurrence, and the controls .size, .regexp and .cbor. It is greedy, which is enough for these rules. Only for tests.
 */
import { decode } from 'cborg'

/** Whether a decoded value fits. */
type Matcher = (value: unknown) => boolean
interface Entry {
  min: number
  max: number
  key: Matcher | undefined
  type: Matcher
}

const TOKEN =
  /\s+|;[^\n]*|h'[0-9a-f]*'|"[^"]*"|#6\.\d+|=>|\.\.|\.[a-z]+|-?\d+(?:\*\d*)?|[a-z][a-z0-9-]*|[[\](){}:,=/?*]/gy
const PRELUDE: Record<string, Matcher> = {
  bstr: (value) => value instanceof Uint8Array,
  tstr: (value) => typeof value === 'string',
  bool: (value) => typeof value === 'boolean',
  null: (value) => value === null,
}

/** COSE messages are the one tagged item: tag 18, then an array. */
class Tagged {
  readonly value: unknown
  constructor(value: unknown) {
    this.value = value
  }
}

function read(bytes: Uint8Array): unknown {
  if (bytes[0] === 0xd2) return new Tagged(read(bytes.subarray(1)))
  return decode(bytes, { useMaps: true, strict: true, rejectDuplicateMapKeys: true })
}

/** Whether bytes are one item that fits a rule. @throws when the bytes are no CBOR */
export function matches(rules: Map<string, Matcher>, rule: string, bytes: Uint8Array): boolean {
  const matcher = rules.get(rule)
  if (!matcher) throw new Error(`no rule ${rule}`)
  return matcher(read(bytes))
}

/** Parses a grammar. @throws for anything outside the supported part, and for a rule that is missing or given twice */
export function parseCddl(text: string): Map<string, Matcher> {
  const tokens = (text.match(TOKEN) ?? []).filter((token) => !/^[\s;]/.test(token))
  if ((text.match(TOKEN) ?? []).join('') !== text) throw new Error('a character outside the supported grammar')
  const rules = new Map<string, Matcher>()
  const used = new Set<string>()
  let at = 0
  const peek = (ahead = 0): string => tokens[at + ahead] ?? ''
  const next = (): string => tokens[at++] ?? ''
  const expect = (token: string): void => {
    const got = next()
    if (got !== token) throw new Error(`${got} where ${token} is due, after ${tokens.slice(at - 6, at - 1).join(' ')}`)
  }

  function type(): Matcher {
    const choices = [controlled()]
    while (peek() === '/') {
      next()
      choices.push(controlled())
    }
    return (value) => choices.some((choice) => choice(value))
  }

  function controlled(): Matcher {
    const base = primary()
    const control = peek()
    if (control === '.size') {
      next()
      const size = primary()
      return (value) => base(value) && value instanceof Uint8Array && size(value.length)
    }
    if (control === '.regexp') {
      next()
      const pattern = new RegExp(`^(?:${next().slice(1, -1)})$`)
      return (value) => base(value) && pattern.test(String(value))
    }
    if (control === '.cbor') {
      next()
      const inner = primary()
      return (value) => base(value) && inner(read(value as Uint8Array))
    }
    return base
  }

  function primary(): Matcher {
    const token = next()
    if (token === '(') return closed(type(), ')')
    if (token === '[') return array(closed(group(), ']'))
    if (token === '{') return map(closed(group(), '}'))
    if (token.startsWith('#6.')) {
      expect('(')
      const inner = closed(type(), ')')
      return (value) => value instanceof Tagged && inner(value.value)
    }
    if (/^-?\d+$/.test(token)) return number(Number(token))
    if (token.startsWith('"')) return (value) => value === token.slice(1, -1)
    if (token.startsWith("h'")) return (value) => value instanceof Uint8Array && value.length === 0
    const prelude = PRELUDE[token]
    if (prelude) return prelude
    if (!/^[a-z]/.test(token)) throw new Error(`unexpected ${token}`)
    used.add(token)
    return (value) => rules.get(token)?.(value) === true
  }

  function number(from: number): Matcher {
    if (peek() !== '..') return (value) => value === from
    next()
    const to = Number(next())
    return (value) => Number.isSafeInteger(value) && Number(value) >= from && Number(value) <= to
  }

  function closed<T>(inner: T, end: string): T {
    expect(end)
    return inner
  }

  function group(): Entry[] {
    const entries: Entry[] = []
    while (![']', '}'].includes(peek())) {
      entries.push(entry())
      if (peek() === ',') next()
    }
    return entries
  }

  function entry(): Entry {
    let [min, max] = [1, 1]
    const occurrence = /^(\d+)\*(\d*)$/.exec(peek())
    if (peek() === '?') min = 0
    else if (peek() === '*') [min, max] = [0, Number.POSITIVE_INFINITY]
    else if (occurrence)
      [min, max] = [Number(occurrence[1]), occurrence[2] ? Number(occurrence[2]) : Number.POSITIVE_INFINITY]
    if (peek() === '?' || peek() === '*' || occurrence) next()
    // `name:` and `1:` are member keys too; in an array a key is only a name for people
    if (peek(1) !== ':' && peek(1) !== '=>') return { min, max, key: undefined, type: type() }
    const token = next()
    next()
    const literal = /^-?\d+$/.test(token) ? Number(token) : token
    return { min, max, key: (value) => value === literal, type: type() }
  }

  while (at < tokens.length) {
    const name = next()
    expect('=')
    if (rules.has(name)) throw new Error(`rule ${name} is given twice`)
    rules.set(name, type())
  }
  for (const name of used) if (!rules.has(name)) throw new Error(`rule ${name} is missing`)
  return rules
}

function array(entries: Entry[]): Matcher {
  return (value) => {
    if (!Array.isArray(value)) return false
    let at = 0
    for (const { min, max, type } of entries) {
      let count = 0
      while (count < max && at < value.length && type(value[at])) {
        at++
        count++
      }
      if (count < min) return false
    }
    return at === value.length
  }
}

function map(entries: Entry[]): Matcher {
  return (value) => {
    if (!(value instanceof Map)) return false
    const known = [...value].every(([key, item]) => entries.some((entry) => entry.key?.(key) && entry.type(item)))
    return known && entries.every(({ min, key }) => min === 0 || [...value.keys()].some((name) => key?.(name)))
  }
}
