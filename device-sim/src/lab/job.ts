/** What a lab's thread can be asked for, and what it says. Plain data: it crosses threads. */

import type { Code } from '@fieldproof/sdk/base'

/** A job for a thread of its own. */
export type Job =
  | {
      readonly kind: 'scenario'
      readonly name: string
      readonly seed: number
      /** Module that exports options of a lab, as a URL; for tests of the judge. */
      readonly plant?: string
    }
  | {
      readonly kind: 'station'
      readonly station: string
      readonly seed: number
      readonly forMs: number
      readonly settings?: Readonly<Record<string, unknown>>
      readonly plant?: string
    }

/** A row that will be signed. */
export interface JobRow {
  readonly stream: string
  /** Wall clock, ms since 1970. */
  readonly time: number
  /** By column, in real units. */
  readonly values: Readonly<Record<string, unknown>>
}

/** What the thread says. */
export type JobMessage =
  | { readonly kind: 'progress'; readonly virtualMs: number }
  | { readonly kind: 'row'; readonly row: JobRow }
  | { readonly kind: 'done'; readonly value: unknown }
  | { readonly kind: 'failed'; readonly code: Code | null; readonly detail: string }

/** Hears what a job says on its way. */
export interface JobListener {
  readonly onProgress?: (virtualMs: number) => void
  readonly onRow?: (row: JobRow) => void
}
