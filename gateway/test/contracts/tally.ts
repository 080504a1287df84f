/** How often each thing happened in a random test: a run that reaches nothing proves nothing. */
export class Tally {
  readonly #counts = new Map<string, number>()

  /** One more of it. */
  add(what: string): void {
    this.#counts.set(what, this.of(what) + 1)
  }

  /** How many of it. */
  of(what: string): number {
    return this.#counts.get(what) ?? 0
  }

  /** All that is not about a lie. */
  toString(): string {
    return [...this.#counts]
      .filter(([what]) => !what.startsWith('lie'))
      .map(([what, count]) => `${what} ${count}`)
      .join(', ')
  }
}
