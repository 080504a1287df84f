/** The link of a machine on its own: it never comes up, so everything that is signed waits in the outbox. */
import { FieldproofError } from '../base/index.ts'
import type { Link } from '../machine/index.ts'

/** A {@link Link} that never connects; for a machine whose gateway is null. */
export function noLink(): Link {
  return {
    open: () => undefined,
    publish: () => Promise.reject(new FieldproofError('link-failed', 'this machine has no gateway')),
    close: async () => undefined,
  }
}
