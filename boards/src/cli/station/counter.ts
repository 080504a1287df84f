/** A counter with labels, in the order in which they were first seen. */
export class Counter {
  readonly labels: readonly string[]
  readonly #counts = new Map<string, { readonly values: readonly string[]; count: number }>()

  constructor(...labels: readonly string[]) {
    this.labels = labels
  }

  /** @param values one a label */
  add(count: number, ...values: readonly string[]): void {
    const key = values.join('\0')
    const entry = this.#counts.get(key) ?? { values, count: 0 }
    entry.count += count
    this.#counts.set(key, entry)
  }

  /** Counts with the values of their labels; without labels one, also when it is 0. */
  entries(): readonly (readonly [values: readonly string[], count: number])[] {
    if (this.labels.length === 0 && this.#counts.size === 0) return [[[], 0]]
    return [...this.#counts.values()].map(({ values, count }) => [values, count] as const)
  }

  /** Of one set of values. */
  of(...values: readonly string[]): number {
    return this.#counts.get(values.join('\0'))?.count ?? 0
  }
}
