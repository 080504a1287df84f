/** The things that were asked for last. */

/** Keeps the newest few of what costs much to make. */
export class Recent<T> {
  readonly #limit: number
  readonly #items = new Map<string, T>()

  /** @param limit how many are kept */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** The item of that name; `make` is asked when it is not kept. */
  async get(name: string, make: () => Promise<T>): Promise<T> {
    const item = this.#items.has(name) ? (this.#items.get(name) as T) : await make()
    this.#items.delete(name)
    this.#items.set(name, item)
    const [oldest] = this.#items.keys()
    if (this.#items.size > this.#limit && oldest !== undefined) this.#items.delete(oldest)
    return item
  }
}
