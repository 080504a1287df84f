/**
 * A body of an HTTP answer, bounded in size and time. The signal that fetch was given is not enough: once the headers are
 * there, Node 20 may collect its listener, and a body that trickles would be read for ever.
 */

/**
 * Reads a body to its end.
 * @param signal ends the reading when it is aborted
 * @returns the bytes, or null when there are more than `maxBytes`; the rest is then not fetched
 * @throws the signal's reason when it is aborted first
 */
export async function readBody(response: Response, maxBytes: number, signal: AbortSignal): Promise<Uint8Array | null> {
  const reader = response.body?.getReader()
  if (reader === undefined) return new Uint8Array(0)
  const cancel = (): void => void reader.cancel().catch(() => undefined) // the connection is gone already
  signal.addEventListener('abort', cancel)
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      chunks.push(part.value)
      size += part.value.length
      if (size > maxBytes) {
        cancel()
        return null
      }
    }
    signal.throwIfAborted() // a cancelled body ends like a whole one
    return Buffer.concat(chunks)
  } finally {
    signal.removeEventListener('abort', cancel)
  }
}
