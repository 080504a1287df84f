/** Costly answers are made one after the other, so that strangers who ask for many cannot keep machines waiting. */
import { FieldproofError } from '@fieldproof/sdk/base'

/** A queue with an end. */
export class Turns {
  readonly #limit: number
  #waiting = 0
  #last: Promise<unknown> = Promise.resolve()

  /** @param limit tasks that run or wait */
  constructor(limit: number) {
    this.#limit = limit
  }

  /**
   * Runs a task after all that came before it.
   * @throws FieldproofError `gateway-busy` when too many wait, or what the task throws
   */
  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#waiting >= this.#limit) {
      throw new FieldproofError('gateway-busy', 'others wait for such an answer already; ask again in a moment')
    }
    this.#waiting++
    const turn = this.#last.then(task)
    this.#last = turn.catch(() => undefined) // its own caller hears of it
    try {
      return await turn
    } finally {
      this.#waiting--
    }
  }
}
