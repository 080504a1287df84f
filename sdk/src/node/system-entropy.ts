/** Random bytes of the operating system. */
import { randomFillSync } from 'node:crypto'
import type { Entropy } from '../machine/index.ts'

/** {@link Entropy} from the kernel, by OpenSSL. The array is new and shares its memory with nothing. */
export const systemEntropy: Entropy = (length) => randomFillSync(new Uint8Array(length))
