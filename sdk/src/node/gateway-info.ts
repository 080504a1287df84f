/** What a gateway says of itself over HTTP, read strictly, and kept: a machine pins it once and compares ever after. */
import { FieldproofError, fromHex, hash32, toHex } from '../base/index.ts'
import type { GatewayIdentity } from '../machine/index.ts'
import { parseVerifierKey } from '../merkle/index.ts'
import { nativeHash, readBody } from '../native/index.ts'

/** A gateway, as `GET /v1/info` describes it. */
export interface GatewayInfo extends GatewayIdentity {
  /** C2SP verifier key of the log. */
  readonly vkey: string
  readonly mqttUrl: string
}

const MAX_BYTES = 16_384
const TIMEOUT_MS = 10_000

/**
 * Asks a gateway who it is.
 * @param url base URL, e.g. `http://127.0.0.1:8787`
 * @throws FieldproofError `link-failed` or `message-invalid`
 */
export async function fetchGatewayInfo(url: string): Promise<GatewayInfo> {
  return parseGatewayInfo(await fetchText(url, '/v1/info'))
}

/**
 * Parses the answer of `GET /v1/info`, or a pin made of one.
 * @throws FieldproofError `message-invalid` naming the field
 */
export function parseGatewayInfo(text: string): GatewayInfo {
  const fields = parseJsonObject(text, 'gateway info')
  const string = (name: string): string => {
    const value = fields[name]
    return typeof value === 'string' && value.length <= 512 ? value : refuse(name, 'a text')
  }
  const bytes = (name: string, length: number): Uint8Array => {
    const value = fromHex(string(name))
    return value.length === length ? value : refuse(name, `${length} bytes of hex`)
  }
  const chainId = fields['chainId']
  if (typeof chainId !== 'number' || !Number.isSafeInteger(chainId) || chainId < 1) return refuse('chainId', 'a number')
  const origin = string('origin')
  const vkey = string('vkey')
  const key = parseVerifierKey(vkey, nativeHash)
  if (key.name !== origin) refuse('vkey', `the key of ${origin}`)
  return {
    origin,
    vkey,
    logKey: key.publicKey,
    chainId,
    registry: bytes('registry', 20),
    logId: hash32(bytes('logId', 32)),
    mqttUrl: string('mqttUrl'),
  }
}

/** A field by which two descriptions name different logs, with what each says. */
export interface GatewayDifference {
  readonly field: 'vkey' | 'chainId' | 'registry' | 'logId'
  readonly pinned: string
  readonly current: string
}

/** Where two descriptions are not of the same log on the same chain; empty when they are. Addresses of servers may change. */
export function gatewayDifferences(pinned: GatewayInfo, current: GatewayInfo): readonly GatewayDifference[] {
  const all: readonly GatewayDifference[] = [
    { field: 'vkey', pinned: pinned.vkey, current: current.vkey },
    { field: 'chainId', pinned: String(pinned.chainId), current: String(current.chainId) },
    { field: 'registry', pinned: `0x${toHex(pinned.registry)}`, current: `0x${toHex(current.registry)}` },
    { field: 'logId', pinned: `0x${toHex(pinned.logId)}`, current: `0x${toHex(current.logId)}` },
  ]
  return all.filter((difference) => difference.pinned !== difference.current)
}

/**
 * Text of an HTTP answer, bounded in size and time.
 * @throws FieldproofError `link-failed`, `message-invalid` unless UTF-8
 */
export async function fetchText(base: string, path: string, init: RequestInit = {}): Promise<string> {
  const bytes = await fetchBytes(base, path, init, MAX_BYTES)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new FieldproofError('message-invalid', 'the answer of the gateway is not UTF-8', { cause })
  }
}

/**
 * Bytes of an HTTP answer, bounded in size and time.
 * @throws FieldproofError `link-failed`, with the gateway's own code (`facts.reason`) and words when it gave them
 */
export async function fetchBytes(base: string, path: string, init: RequestInit, maxBytes: number): Promise<Uint8Array> {
  let response: Response
  let body: Uint8Array
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    response = await fetch(new URL(path, base), { ...init, signal, redirect: 'error' })
    body = (await readBody(response, maxBytes, signal)) ?? tooLong(maxBytes)
  } catch (cause) {
    throw new FieldproofError('link-failed', `no answer from the gateway at ${hostOf(base)}; is it running?`, { cause })
  }
  if (response.ok) return body
  const { reason, detail } = problemOf(body)
  throw new FieldproofError('link-failed', `the gateway answered ${response.status} ${reason}: ${detail}`, {
    facts: { status: response.status, reason },
  })
}

function tooLong(maxBytes: number): never {
  throw new RangeError(`more than ${maxBytes} bytes`)
}

/** Code and words of a problem document; a gateway's text is quoted, never believed. */
function problemOf(body: Uint8Array): { reason: string; detail: string } {
  try {
    const { code, detail } = JSON.parse(Buffer.from(body).toString('utf8')) as { code?: unknown; detail?: unknown }
    return { reason: String(code).slice(0, 64), detail: String(detail).slice(0, 500) }
  } catch {
    return { reason: 'unknown', detail: 'without a reason' } // not a problem document: there is nothing to quote
  }
}

/**
 * Fields of a JSON object that a gateway sent.
 * @throws FieldproofError `message-invalid`
 */
export function parseJsonObject(text: string, what: string): Readonly<Record<string, unknown>> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new FieldproofError('message-invalid', `${what} is not JSON`, { cause })
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return refuse(what, 'an object')
  return value as Record<string, unknown>
}

function refuse(field: string, want: string): never {
  throw new FieldproofError('message-invalid', `gateway info: ${field}: want ${want}`, { facts: { field } })
}

/** Scheme, host and port: a URL may carry credentials, which belong in no message. */
function hostOf(url: string): string {
  try {
    return new URL(url).origin
  } catch {
    return 'that address (not a URL)'
  }
}
