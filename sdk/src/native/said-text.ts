/**
 * What a server said, made fit for errors and logs. URLs of endpoints often carry an access key in their path, query or user
 * part, and some servers quote the URL back.
 */

/** Shorter parts of a URL are words such as `v2` or `main`, not keys. */
const MIN_SECRET_LENGTH = 8

/** Parts of a URL that may be keys, as they stand in it and decoded, longest first. */
export function urlSecrets({ username, password, pathname, searchParams, search }: URL): readonly string[] {
  const raw = [username, password, ...pathname.split('/'), ...search.slice(1).split(/[&=]/), ...searchParams.values()]
  const all = new Set(raw.flatMap((part) => [part, decoded(part)]))
  return [...all].filter((part) => part.length >= MIN_SECRET_LENGTH).sort((a, b) => b.length - a.length)
}

/**
 * Attacker-controlled text without secrets and control characters, ASCII.
 * @param maxLength in characters
 */
export function saidText(text: string, secrets: readonly string[], maxLength: number): string {
  const redacted = secrets.reduce((rest, secret) => rest.replaceAll(secret, '***'), text)
  return redacted.slice(0, maxLength).replace(/[^\x20-\x7e]/g, '?')
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part // not percent-encoded: it stands for itself
  }
}
