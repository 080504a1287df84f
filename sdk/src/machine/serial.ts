/** Runs asynchronous steps one after the other, in the order in which they were asked for. */
export class Serial {
  #tail: Promise<unknown> = Promise.resolve()

  /** Result of `step`, which starts when all earlier ones have ended, well or badly. */
  run<T>(step: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(step, step)
    this.#tail = result.catch(() => undefined) // whoever asked for it gets the error; the queue goes on
    return result
  }

  /** Resolves when everything asked for so far has ended. */
  async idle(): Promise<void> {
    await this.#tail
  }
}
