/** What the parent and the watering process of `valve-kill` say to each other, beside the port. */

/** From the process. */
export type ValveWord =
  | { readonly word: 'up'; readonly epoch: number }
  | { readonly word: 'down' }
  /** The answer to a command: the pin is high, or the error's code. */
  | { readonly word: 'answer'; readonly outcome: string }
  /** A row of `actuations`. */
  | { readonly word: 'row'; readonly command: string | null; readonly outcome: string }

/** From the parent. */
export interface ValveCommand {
  readonly openForMs: number
}
