/** Inputs: damaged samples for the most part, and now and then nothing but chance, or something that is only large. */
import { randomEdit } from './cbor-edits.ts'
import { headOf, parseTree, type Tree, writeTree } from './cbor-tree.ts'
import type { Target } from './engine.ts'
import { type Json, randomJson, randomJsonEdit } from './json-edits.ts'
import type { Random } from './random.ts'
import { randomRlpEdit } from './rlp-edits.ts'
import { randomTextEdit } from './text-edits.ts'

const MAX_BYTES = 65_536

/** A source of inputs for a decoder. */
export function generatorOf(target: Target, random: Random): () => unknown {
  const { form, maxBytes = MAX_BYTES } = target
  if (form === 'text') {
    const texts = target.samples as readonly string[]
    return () =>
      repeated(
        random,
        () => random.pick(texts) ?? '',
        (text) => randomTextEdit(text, texts, random),
      )
  }
  if (form === 'json') {
    const values = target.samples as readonly Json[]
    return () =>
      random.below(20) === 0
        ? randomJson(random)
        : repeated(
            random,
            () => random.pick(values) ?? null,
            (value) => randomJsonEdit(value, values, random),
          )
  }
  const inputs = target.samples as readonly Uint8Array[]
  const damage = damageOf(form, inputs, random)
  return () => {
    const kind = random.below(400)
    if (kind === 0) return bomb(random, maxBytes)
    if (kind < 20) return random.bytes(random.below(kind < 4 ? 2000 : 64))
    const first = random.pick(inputs) ?? new Uint8Array(0)
    // No Buffer: a decoder is given what the platforms give it, and a Buffer's slices would share the sample's memory.
    return new Uint8Array(repeated(random, () => first, damage))
  }
}

/** One to four edits, one most often. */
function repeated<T>(random: Random, first: () => T, edit: (value: T) => T): T {
  let value = first()
  for (let left = 1 + (random.below(3) === 0 ? random.below(4) : 0); left > 0; left--) value = edit(value)
  return value
}

function damageOf(
  form: Target['form'],
  inputs: readonly Uint8Array[],
  random: Random,
): (bytes: Uint8Array) => Uint8Array {
  const trees = new Map<Uint8Array, Tree | undefined>(
    inputs.map((input) => [input, form === 'cbor' ? parseTree(input) : undefined]),
  )
  const donors = [...trees.values()].filter((tree) => tree !== undefined)
  return (bytes) => {
    if (random.below(4) === 0) return damagedBytes(bytes, inputs, random)
    if (form === 'rlp') return randomRlpEdit(bytes, random) ?? damagedBytes(bytes, inputs, random)
    if (form !== 'cbor') return damagedBytes(bytes, inputs, random)
    const tree = trees.get(bytes) ?? parseTree(bytes)
    return tree === undefined ? damagedBytes(bytes, inputs, random) : writeTree(randomEdit(tree, donors, random))
  }
}

/** Damage that knows no structure but the heads of CBOR. */
function damagedBytes(bytes: Uint8Array, inputs: readonly Uint8Array[], random: Random): Uint8Array {
  const at = random.below(bytes.length + 1)
  const how = random.below(9)
  if (how === 0) return bytes.subarray(0, at)
  if (how === 1) return bytes.subarray(at)
  if (how === 2) return Buffer.concat([bytes, random.bytes(1 + random.below(8))])
  if (how === 3) return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random.below(8))])
  if (how === 4)
    return Buffer.concat([
      bytes.subarray(0, at),
      headOf(random.below(7), Math.abs(random.integer())),
      bytes.subarray(at),
    ])
  if (how === 5) {
    const other = random.pick(inputs) ?? bytes
    return Buffer.concat([bytes.subarray(0, at), other.subarray(random.below(other.length + 1))])
  }
  const changed = new Uint8Array(bytes)
  if (changed.length === 0) return changed
  if (how === 6) changed[at % changed.length] = random.next()
  else if (how === 7) changed.fill(random.pick([0, 0xff, 0x80]) ?? 0, at, at + random.below(40))
  else changed[at % changed.length] = (changed[at % changed.length] ?? 0) ^ (1 << random.below(8))
  return changed
}

/** A large input that promises more than it holds. */
function bomb(random: Random, maxBytes: number): Uint8Array {
  const length = random.below(maxBytes + maxBytes / 16)
  const filler = random.pick([0x81, 0xa1, 0x9f, 0x80, 0xa0, 0x00, 0xf6, 0x40, 0x60, 0xc1, 0xff, 0x7f]) ?? 0
  const head = headOf(
    2 + random.below(4),
    random.pick([length, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1, 65_535, 4096]) ?? length,
  )
  return random.below(2) === 0
    ? new Uint8Array(length).fill(filler)
    : Buffer.concat([head, new Uint8Array(length).fill(filler)])
}

/** An input as hex: of its bytes, or of the JSON that spells it. */
export function spell(input: unknown): string {
  return Buffer.from(input instanceof Uint8Array ? input : (JSON.stringify(input) ?? 'undefined')).toString('hex')
}
