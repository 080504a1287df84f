/**
 * JSON-RPC over HTTP. The URL of an endpoint often holds its access key, so neither the URL nor what a library says about it
 * reaches an error: a fact carries what the node said, without parts of the URL, and the rest is dropped.
 */
import { FieldproofError } from '@fieldproof/sdk/base'
import type { Rpc } from '@fieldproof/sdk/evm'
import { readBody, saidText, urlSecrets } from '@fieldproof/sdk/native'

/** Longest answer that is read. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024
/** Longest wait for one answer, in ms. */
const TIMEOUT_MS = 15_000
/** Longest part of a node's own words that an error repeats. */
const MAX_SAID_LENGTH = 500

/** Nodes that are asked too much say so in these codes, which are no verdict on the request. */
const BUSY_CODES: readonly number[] = [429, -32005]

/**
 * A client of one endpoint. It keeps no connection state and never retries: callers know what is safe to repeat.
 *
 * Errors are `rpc-failed` with the facts `method`; `reason` when nothing answered; `rpcCode`, `rpcMessage` and `revertData`
 * when the node answered with an error.
 * @throws FieldproofError `config-invalid` unless `url` is an http or https URL
 */
export function httpRpc(url: string, timeoutMs: number = TIMEOUT_MS): Rpc {
  const endpoint = URL.canParse(url) ? new URL(url) : null
  if (endpoint === null || !/^https?:$/.test(endpoint.protocol)) {
    throw new FieldproofError('config-invalid', 'the RPC endpoint is no http or https URL')
  }
  const secrets = urlSecrets(endpoint)
  let id = 0
  return async (method, params) => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: ++id, method, params })
    const answer = await post(endpoint, method, body, timeoutMs)
    if (answer['error'] !== undefined) throw refused(method, answer['error'], secrets)
    if (!('result' in answer)) throw failed(method, 'the answer has no result')
    return answer['result']
  }
}

/** What a node's error says, or null when no node answered. Nodes differ in wording; match loosely and in lower case. */
export function nodeComplaint(error: unknown): string | null {
  if (!(error instanceof FieldproofError) || error.code !== 'rpc-failed') return null
  const { rpcCode, rpcMessage } = error.facts
  if (typeof rpcMessage !== 'string' || BUSY_CODES.includes(Number(rpcCode))) return null
  return rpcMessage
}

async function post(
  endpoint: URL,
  method: string,
  body: string,
  timeoutMs: number,
): Promise<Readonly<Record<string, unknown>>> {
  let status = 0
  let text: string
  try {
    const signal = AbortSignal.timeout(timeoutMs)
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(endpoint, { method: 'POST', headers, body, signal, redirect: 'error' })
    status = response.status
    text = new TextDecoder().decode((await readBody(response, MAX_ANSWER_BYTES, signal)) ?? new Uint8Array())
  } catch (error) {
    throw failed(method, reasonOf(error))
  }
  const answer = parse(text)
  // Some nodes send their JSON-RPC errors with an HTTP error status.
  if (answer === null || (status !== 200 && answer['error'] === undefined)) throw failed(method, `HTTP ${status}`)
  return answer
}

function parse(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null
  } catch {
    return null // the caller reports it with the HTTP status
  }
}

/** The system's own word (`ECONNREFUSED`, `TimeoutError`), never a message: messages quote the URL. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  const code = (error.cause as { code?: unknown } | undefined)?.code
  return typeof code === 'string' ? code : error.name
}

function failed(method: string, reason: string): FieldproofError {
  return new FieldproofError('rpc-failed', `${method}: no answer from the node (${reason})`, {
    facts: { method, reason },
  })
}

function refused(method: string, error: unknown, secrets: readonly string[]): FieldproofError {
  const fields = (typeof error === 'object' && error !== null ? error : {}) as Readonly<Record<string, unknown>>
  const rpcMessage = saidText(String(fields['message'] ?? 'no message'), secrets, MAX_SAID_LENGTH)
  const rpcCode = typeof fields['code'] === 'number' ? fields['code'] : null
  return new FieldproofError('rpc-failed', `${method}: ${rpcMessage}`, {
    facts: { method, rpcCode, rpcMessage, revertData: revertDataOf(fields['data']) },
  })
}

/** Nodes put revert data into `error.data` or `error.data.data`, and no deeper. */
function revertDataOf(data: unknown): string | null {
  const hex = typeof data === 'object' && data !== null ? (data as { data?: unknown }).data : data
  return typeof hex === 'string' && hex.length % 2 === 0 && /^0x[0-9a-fA-F]*$/.test(hex) ? hex : null
}
