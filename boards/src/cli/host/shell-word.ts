/** Words for commands that a person copies into a shell. */
import { printable } from '@fieldproof/sdk/cli'

/** The text as one word of a shell, and as one line. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${printable(text).replaceAll("'", "'\\''")}'`
}
