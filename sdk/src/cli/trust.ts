/** What a verifier trusts, from a file or from options, and from nowhere else. */
import { readFile } from 'node:fs/promises'
import { FieldproofError, fromHex, type Hash32, hash32 } from '../base/index.ts'
import type { Trust } from '../verify/index.ts'
import { integerOption, type Parsed, usageError } from './command.ts'

/** Trust, and the node to ask or the block that is known. */
export interface TrustSource {
  readonly trust: Trust
  readonly rpc?: string
  readonly blockHash?: Hash32
}

const FIELDS = ['rpc', 'chainId', 'registry']

/**
 * `--trust FILE`, or `--rpc URL --registry ADDRESS [--chain-id N]`; options override the file's fields. With `--block-hash`
 * no node is asked, unless `--rpc` says so.
 * @throws FieldproofError `usage`, `file-unreadable` or `trust-invalid`
 */
export async function readTrust({ values }: Parsed): Promise<TrustSource> {
  const file = typeof values['trust'] === 'string' ? await readTrustFile(values['trust']) : {}
  const block = values['block-hash']
  const rpc = values['rpc'] ?? (block === undefined ? file['rpc'] : undefined)
  const registry = values['registry'] ?? file['registry']
  const chainId =
    typeof values['chain-id'] === 'string' ? integerOption(values['chain-id'], 'chain-id') : file['chainId']
  if (typeof registry !== 'string' || (block === undefined && typeof rpc !== 'string')) {
    throw usageError('say whom you trust: --trust FILE, or --rpc URL and --registry ADDRESS')
  }
  if (chainId !== undefined && (typeof chainId !== 'number' || !Number.isSafeInteger(chainId) || chainId < 1)) {
    throw new FieldproofError('trust-invalid', 'chainId: want a positive whole number')
  }
  if (rpc === undefined && chainId === undefined) {
    throw usageError('without a node, say which chain you trust: --chain-id N, or chainId in the trust file')
  }
  return {
    trust: { registry: readHex(registry, 20, 'registry'), ...(chainId !== undefined && { chainId }) },
    ...(typeof rpc === 'string' && { rpc }),
    ...(typeof block === 'string' && { blockHash: hash32(readHex(block, 32, 'block-hash')) }),
  }
}

function readHex(text: string, length: number, what: string): Uint8Array {
  if (new RegExp(`^0x[0-9a-fA-F]{${2 * length}}$`).test(text)) return fromHex(text)
  throw new FieldproofError('trust-invalid', `${what}: want 0x and ${2 * length} hex digits`)
}

async function readTrustFile(path: string): Promise<Readonly<Record<string, unknown>>> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new FieldproofError('file-unreadable', `${path}: ${cause.code ?? cause.message}`, { cause })
  })
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new FieldproofError('trust-invalid', `${path} is not JSON`, { cause })
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new FieldproofError('trust-invalid', `${path}: want an object with ${FIELDS.join(', ')}`)
  }
  const unknown = Object.keys(value).filter((key) => !FIELDS.includes(key))
  if (unknown.length > 0) throw new FieldproofError('trust-invalid', `${path}: unknown ${unknown.join(', ')}`)
  return value as Record<string, unknown>
}
