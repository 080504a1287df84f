/** What a verifier trusts, from a file or from options, and from nowhere else. */
import { readFile } from 'node:fs/promises'
import { FieldproofError, fromHex } from '../base/index.ts'
import type { Trust } from '../verify/index.ts'
import { integerOption, type Parsed, usageError } from './command.ts'

/** Trust and the node to ask. */
export interface TrustSource {
  readonly trust: Trust
  readonly rpc: string
}

const FIELDS = ['rpc', 'chainId', 'registry']

/**
 * `--trust FILE`, or `--rpc URL --registry ADDRESS [--chain-id N]`; options override the file's fields.
 * @throws FieldproofError `usage`, `file-unreadable` or `trust-invalid`
 */
export async function readTrust({ values }: Parsed): Promise<TrustSource> {
  const file = typeof values['trust'] === 'string' ? await readTrustFile(values['trust']) : {}
  const rpc = values['rpc'] ?? file['rpc']
  const registry = values['registry'] ?? file['registry']
  const chainId =
    typeof values['chain-id'] === 'string' ? integerOption(values['chain-id'], 'chain-id') : file['chainId']
  if (typeof rpc !== 'string' || typeof registry !== 'string') {
    throw usageError('say whom you trust: --trust FILE, or --rpc URL and --registry ADDRESS')
  }
  if (chainId !== undefined && (typeof chainId !== 'number' || !Number.isSafeInteger(chainId) || chainId < 1)) {
    throw new FieldproofError('trust-invalid', 'chainId: want a positive whole number')
  }
  return { rpc, trust: { registry: readAddress(registry), ...(chainId !== undefined && { chainId }) } }
}

function readAddress(text: string): Uint8Array {
  if (!/^0x[0-9a-fA-F]{40}$/.test(text))
    throw new FieldproofError('trust-invalid', 'registry: want 0x and 40 hex digits')
  return fromHex(text)
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
