/**
 * A question that only its own answer answers. Replies carry no sign of their question, so after one that came too late, and after
 * this process was stopped while bytes waited in the computer, the next message may be an old one. What comes behind a fence is not.
 */
import { encodeVersionQuery, FEATURE_ID, SYSEX_END, SYSEX_START } from '../protocol/index.ts'
import type { Question } from './question.ts'

/** What is sent, and whether a message is the answer. */
export type Fence = Pick<Question<true>, 'bytes' | 'answer'>

/** Commands that no request will ever have: the numbers of replies. A board refuses them by name (BOARD-8). */
const FIRST = 0x50
const COUNT = 0x20

/** Makes fences for one connection; each has another mark than the ones before. */
export function createFences(isOurs: boolean): () => Fence {
  if (!isOurs) return () => ({ bytes: encodeVersionQuery(), answer: ({ kind }) => kind === 'version' || undefined })
  let made = 0
  return () => {
    const mark = FIRST + (made++ % COUNT)
    return {
      bytes: Uint8Array.of(SYSEX_START, FEATURE_ID, mark, SYSEX_END),
      answer: (message) =>
        (message.kind === 'error' && message.sysex === FEATURE_ID && message.detail === mark) || undefined,
    }
  }
}
