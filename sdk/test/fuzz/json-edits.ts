/** Edits of JSON values, as a gateway, a node or a rotten file would make them. */
import type { Random } from './random.ts'
import { randomTextEdit } from './text-edits.ts'

/** A JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }

const STRANGERS: readonly Json[] = [
  ...[null, true, false, 0, -1, 1, 0.5, -0, 1e21, 1e308, 2 ** 53, 2 ** 53 - 1, -(2 ** 53)],
  ...[
    '',
    '0',
    '0x',
    '0x0',
    '0x00',
    '0x1',
    '0xff',
    '0xfffffffffffffffff',
    'null',
    '\u0000',
    '\ud800',
    '1e3',
    ' 1',
    '__proto__',
  ],
  ...[`0x${'00'.repeat(20)}`, `0x${'ff'.repeat(32)}`, `0x${'f'.repeat(63)}`, [], {}, [[]], [null], [{}], { length: 1 }],
  JSON.parse('{"__proto__":{"registry":"0x00"},"constructor":1,"toString":null}') as Json,
  JSON.parse(`${'['.repeat(200)}${']'.repeat(200)}`) as Json,
]
const NAMES: readonly string[] = ['__proto__', 'constructor', 'toString', '', 'length', 'error', 'result', '0']

/** One edit somewhere in a value. */
export function randomJsonEdit(value: Json, donors: readonly Json[], random: Random): Json {
  if (random.below(12) === 0 || typeof value !== 'object' || value === null) return changed(value, donors, random)
  const names = Object.keys(value)
  if (names.length === 0) return changed(value, donors, random)
  const name = random.pick(names) ?? ''
  const inner = (value as Record<string, Json>)[name] ?? null
  const how = random.below(9)
  if (Array.isArray(value)) {
    const at = Number(name)
    if (how === 0) return value.filter((_, i) => i !== at)
    if (how === 1) return [...value, ...Array.from({ length: random.below(20) === 0 ? 500 : 1 }, () => inner)]
    return value.map((item: Json, i) => (i === at ? randomJsonEdit(item, donors, random) : item))
  }
  if (how === 0) return Object.fromEntries(Object.entries(value).filter(([key]) => key !== name))
  if (how === 1) return ownProperty(value, random.pick(NAMES) ?? '', changed(inner, donors, random))
  return ownProperty(value, name, how < 5 ? randomJsonEdit(inner, donors, random) : changed(inner, donors, random))
}

/** A value of chance alone. */
export function randomJson(random: Random, depth = 0): Json {
  const kind = random.below(depth > 4 ? 4 : 7)
  if (kind === 0) return random.pick(STRANGERS) ?? null
  if (kind === 1) return random.integer()
  if (kind === 2) return `0x${Buffer.from(random.bytes(random.below(40))).toString('hex')}`
  if (kind === 3) return Buffer.from(random.bytes(random.below(12))).toString('utf8')
  const items = Array.from({ length: random.below(6) }, () => randomJson(random, depth + 1))
  return kind === 4 ? items : Object.fromEntries(items.map((item, i) => [random.pick(NAMES) ?? String(i), item]))
}

function changed(value: Json, donors: readonly Json[], random: Random): Json {
  const how = random.below(8)
  if (how === 0) return random.pick(donors) ?? null
  if (how === 1) return [value]
  if (how === 2 && random.below(40) === 0) return `0x${'ab'.repeat(random.below(200_000))}`
  if (typeof value === 'string' && how < 6) return randomTextEdit(value, ['0x00', '0x'], random)
  if (typeof value === 'number' && how < 6)
    return [value + 1, value - 1, -value, value * 2 ** 32, value + 0.5, String(value)][random.below(6)] ?? null
  return random.pick(STRANGERS) ?? null
}

/** Like JSON.parse: `__proto__` becomes a property of the object's own. */
function ownProperty(value: object, name: string, inner: Json): Json {
  const out = { ...value }
  Object.defineProperty(out, name, { value: inner, enumerable: true, configurable: true, writable: true })
  return out as Json
}
