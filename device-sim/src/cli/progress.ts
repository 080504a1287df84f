/** How far a long run is, in one line that is written over, and only where somebody looks at it. */

/** A line of progress. */
export interface Progress {
  readonly show: (name: string, virtualMs: number) => void
  readonly clear: () => void
}

/** On a stream; nothing where it is no terminal. */
export function progressOn(stream: { readonly isTTY?: boolean; write(text: string): unknown }): Progress {
  const write = (text: string): void => {
    if (stream.isTTY === true) stream.write(`\r\u001b[K${text}`)
  }
  return {
    show: (name, virtualMs) => write(`${name}: ${Math.round(virtualMs / 1000)} s of virtual time`),
    clear: () => write(''),
  }
}
