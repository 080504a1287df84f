/**
 * Texts of strangers on a terminal. Units, methods and values are signed, but by whoever holds a key: a control character or
 * a change of writing direction in them could clear the screen, or draw a verdict that was never reached.
 */

/** Controls, line and paragraph separators, invisible characters, and those that turn the writing direction. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}]/gu

/** The text in one line, with everything that is not seen as itself written as `\u{hex}`. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`)
}

/** Lines of a message, each fit for a terminal. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n')
}

/** JSON in one line, with everything that is not seen as itself escaped: the same value to whoever parses it. */
export function printableJson(value: unknown): string {
  return JSON.stringify(value).replace(UNPRINTABLE, (char) =>
    Array.from({ length: char.length }, (_, i) => `\\u${char.charCodeAt(i).toString(16).padStart(4, '0')}`).join(''),
  )
}
