/**
 * JSON-RPC 2.0 over HTTP, as EVM endpoints speak it. Endpoint URLs often carry an API key in their path, query or user
 * part, so no error ever names more of them than scheme and host, and redirects are refused. The endpoint is the one
 * party that a verifier trusts for chain facts; its bytes are still bounded and checked.
 */
import { FieldproofError } from '../base/index.ts'
import type { Rpc } from '../evm/index.ts'
import { readBody, saidText, urlSecrets } from '../native/index.ts'

/** Settings of {@link httpRpc}. */
export interface HttpRpcOptions {
  /** Time for one call, answer included, in milliseconds. Default 15 000. */
  readonly timeoutMs?: number
  /** Largest answer in bytes. Default 8 MiB: a full block of headers, logs and proofs is far below. */
  readonly maxBytes?: number
}

/**
 * A client of one endpoint.
 * @throws FieldproofError `config-invalid` unless `url` is http or https. Calls reject with `rpc-failed` (network, HTTP
 * status, timeout, or an error that the endpoint answers) or `rpc-invalid` (not JSON-RPC, or over `maxBytes`)
 */
export function httpRpc(url: string, options: HttpRpcOptions = {}): Rpc {
  const endpoint = parseEndpoint(url)
  const timeoutMs = options.timeoutMs ?? 15_000
  const maxBytes = options.maxBytes ?? 8 * 1024 * 1024
  let lastId = 0
  return async (method, params) => {
    const id = ++lastId
    const about = { endpoint: endpoint.shown, method }
    const signal = AbortSignal.timeout(timeoutMs)
    const body = JSON.stringify({ jsonrpc: '2.0', id, method, params })
    const text = await post(endpoint, body, { signal, maxBytes, timeoutMs, about })
    return resultOf(text, id, about, endpoint.secrets)
  }
}

interface Endpoint {
  readonly href: string
  readonly headers: Readonly<Record<string, string>>
  /** Scheme and host: all that an error may say. */
  readonly shown: string
  /** The other parts, in case the endpoint quotes them back. */
  readonly secrets: readonly string[]
}

type About = Readonly<{ endpoint: string; method: string }>

/** Longest part of an endpoint's own words that an error repeats. */
const MAX_SAID_LENGTH = 200

function parseEndpoint(url: string): Endpoint {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (parsed?.protocol !== 'http:' && parsed?.protocol !== 'https:') {
    throw new FieldproofError('config-invalid', 'an RPC endpoint is an http or https URL')
  }
  const { username, password } = parsed
  const secrets = urlSecrets(parsed)
  const shown = `${parsed.protocol}//${parsed.host}`
  parsed.username = ''
  parsed.password = '' // fetch refuses URLs with credentials, and quotes them in its error
  const headers: Record<string, string> = { 'content-type': 'application/json', accept: 'application/json' }
  if (username !== '' || password !== '') {
    const pair = `${unescaped(username)}:${unescaped(password)}`
    headers.authorization = `Basic ${Buffer.from(pair).toString('base64')}`
  }
  return { href: parsed.href, headers, shown, secrets }
}

/** Text of a URL's user part. Without the cause: it could quote the password. */
function unescaped(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw new FieldproofError('config-invalid', 'the user part of an RPC endpoint is not percent-encoded UTF-8')
  }
}

interface Call {
  readonly signal: AbortSignal
  readonly maxBytes: number
  readonly timeoutMs: number
  readonly about: About
}

async function post(endpoint: Endpoint, body: string, call: Call): Promise<string> {
  const { about, signal } = call
  try {
    const { href, headers } = endpoint
    const response = await fetch(href, { method: 'POST', headers, body, signal, redirect: 'error' })
    const text = await readBounded(response, call)
    // Many endpoints send a JSON-RPC error with status 4xx or 5xx; its own words say more than the status.
    if (response.ok || looksLikeError(text)) return text
    throw new FieldproofError('rpc-failed', `${about.endpoint} answered HTTP ${response.status} to ${about.method}`, {
      facts: { ...about, status: response.status },
    })
  } catch (error) {
    if (error instanceof FieldproofError) throw error
    // Without the cause: fetch quotes the URL in some of its errors.
    const reason = signal.aborted ? `no answer within ${call.timeoutMs} ms` : networkReason(error)
    throw new FieldproofError('rpc-failed', `${about.endpoint} cannot serve ${about.method}: ${reason}`, {
      facts: { ...about, reason },
    })
  }
}

async function readBounded(response: Response, { about, maxBytes, signal }: Call): Promise<string> {
  const body = await readBody(response, maxBytes, signal)
  if (body === null) throw invalid(about, `over ${maxBytes} bytes`)
  return Buffer.from(body).toString('utf8')
}

function resultOf(text: string, id: number, about: About, secrets: readonly string[]): unknown {
  const answer = parseObject(text)
  if (answer === undefined) throw invalid(about, 'not a JSON object')
  const { error } = answer
  if (isObject(error)) throw answeredError(error, about, secrets)
  if (answer.jsonrpc !== '2.0' || answer.id !== id || !('result' in answer)) {
    throw invalid(about, 'without the result of this call')
  }
  return answer.result
}

function answeredError(error: Record<string, unknown>, about: About, secrets: readonly string[]): FieldproofError {
  const rpcCode = typeof error.code === 'number' ? error.code : null
  const said = typeof error.message === 'string' ? saidText(error.message, secrets, MAX_SAID_LENGTH) : ''
  const data = typeof error.data === 'string' && /^0x[0-9a-f]{0,2048}$/i.test(error.data) ? error.data : null
  return new FieldproofError(
    'rpc-failed',
    `${about.endpoint} refused ${about.method}: ${said} (${rpcCode ?? 'no code'})`,
    {
      facts: { ...about, rpcCode, data },
    },
  )
}

function looksLikeError(text: string): boolean {
  return isObject(parseObject(text)?.error)
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined // not JSON: the one reason why JSON.parse throws
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function invalid(about: About, what: string): FieldproofError {
  return new FieldproofError('rpc-invalid', `the answer of ${about.endpoint} to ${about.method} is ${what}`, {
    facts: about,
  })
}

/** The errno or undici code behind "fetch failed"; never its message. */
function networkReason(error: unknown): string {
  for (let e = error; e instanceof Error; e = e.cause) {
    if ('code' in e && typeof e.code === 'string') return e.code
  }
  return 'network error'
}
