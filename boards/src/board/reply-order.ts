/** Message numbers and milliseconds of replies tell a lost one from a reset (08-board, BOARD-1). */
import type { FieldproofError } from '@fieldproof/sdk/base'
import { NUMBER_MODULUS, type Reply } from '../protocol/index.ts'
import { garbled, restarted } from './failures.ts'

/** How far a board's milliseconds may fall by running over, and not by a reset. */
const WRAP_MS = 2 ** 34

/** Replies of one connection, in order. */
export class ReplyOrder {
  /** Of the last reply; no number after one whose own bytes are in doubt. */
  #last: { readonly number: number | null; readonly boardMs: number } | null = null

  /** What the next reply shows: `board-restarted` when milliseconds fell, `board-garbled` when a reply is missing, or null. */
  follow({ number, boardMs }: Reply): FieldproofError | null {
    const last = this.#last
    this.#last = { number, boardMs }
    if (last === null) return null
    const isWrap = last.boardMs - boardMs > WRAP_MS
    if (boardMs < last.boardMs && !isWrap) {
      return restarted(`its clock went from ${last.boardMs} ms to ${boardMs} ms`)
    }
    const isNext = last.number === null || number === (last.number + 1) % NUMBER_MODULUS
    return isNext ? null : garbled(`message ${number} came after ${last.number}`)
  }

  /** A reply has come that cannot be read. */
  skip(): void {
    if (this.#last !== null) this.#last = { ...this.#last, number: null }
  }
}
