/** Random bytes that repeat: the same seed gives the same run. Never for a real key. */
import { concat, utf8 } from '../base/index.ts'
import { pureHash } from '../crypto/index.ts'
import type { Entropy } from '../machine/index.ts'

/** {@link Entropy} from SHA-256 of the seed and a counter. */
export function seededEntropy(seed: string | number): Entropy {
  const key = pureHash.sha256(utf8(`entropy ${seed}`))
  let block = 0
  let rest: Uint8Array = new Uint8Array(0)
  return (length) => {
    const parts = [rest]
    for (let have = rest.length; have < length; have += 32) {
      parts.push(pureHash.sha256(concat(key, utf8(String(block++)))))
    }
    const bytes = concat(...parts)
    rest = bytes.slice(length)
    return bytes.slice(0, length)
  }
}
