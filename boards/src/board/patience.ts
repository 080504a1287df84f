/** Waiting that ends. What a driver, a line or a recorder promises may never come: nobody here hangs on it. */
import type { FieldproofError } from '@fieldproof/sdk/base'
import type { Clock } from '@fieldproof/sdk/machine'

/** What ends the waiting before the work does. */
export interface Patience {
  /** After `ms`, with what `late` says. */
  readonly limit?: { readonly clock: Clock; readonly ms: number; readonly late: () => FieldproofError }
  /** With its reason. */
  readonly signal?: AbortSignal
}

/** What `work` comes to, or why it was not waited for any longer; what it comes to after that is nobody's. */
export function patiently<T>(work: Promise<T>, { limit, signal }: Patience): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => finish(() => reject(signal?.reason))
    const cancel = limit?.clock.after(limit.ms, () => finish(() => reject(limit.late())))
    const finish = (settle: () => void): void => {
      cancel?.()
      signal?.removeEventListener('abort', abort)
      settle()
    }
    signal?.addEventListener('abort', abort, { once: true })
    work.then(
      (value) => finish(() => resolve(value)),
      (error: unknown) => finish(() => reject(error)),
    )
    if (signal?.aborted) abort()
  })
}
