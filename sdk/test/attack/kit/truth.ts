/**
 * What is true, judged without the product: a mutant may pass only when every statement and every row in it stands, with
 * all that it needs, in a valid sample. Taking a row out of a bundle of three leaves two true ones.
 */
import { decode } from 'cborg'
import { toHex } from '../../../src/base/index.ts'
import { bodyOf, type Sample } from './sample.ts'

/** Facts of valid bundles, spelled out. */
export class Truth {
  readonly #facts = new Set<string>()

  constructor(samples: readonly Sample[]) {
    for (const { bytes } of samples) for (const fact of factsOf(bodyOf(bytes))) this.#facts.add(fact)
  }

  /** Whether a body says nothing but what the samples said. */
  holds(body: Uint8Array): boolean {
    const facts = factsOf(body)
    return facts.length > 0 && facts.every((fact) => this.#facts.has(fact))
  }
}

type Item = number | string | Uint8Array | null | readonly Item[]

function factsOf(body: Uint8Array): string[] {
  const [version, keys, definitions, statements, rows, ...anchor] = decode(body) as readonly (readonly Item[])[]
  const proven = (statements ?? []).map((item) => {
    const [bytes, key, definition, ...place] = item as readonly Item[]
    return spell([
      version ?? 0,
      bytes ?? 0,
      keys?.[Number(key)] ?? 0,
      definitions?.[Number(definition)] ?? 0,
      place,
      anchor,
    ])
  })
  const read = (rows ?? []).map((item) => {
    const [statement, ...row] = item as readonly Item[]
    return spell(
      [statements?.[Number(statement)] ?? 0, row].map((part, i) => (i === 0 ? ((part as Item[])[0] ?? 0) : part)),
    )
  })
  return [...proven, ...read]
}

function spell(item: Item): string {
  if (item instanceof Uint8Array) return toHex(item)
  return Array.isArray(item) ? `[${item.map(spell).join()}]` : JSON.stringify(item)
}
