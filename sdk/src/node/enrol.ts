/** Enrolment by a gateway's relay: what a machine checks before it agrees to belong to somebody. */
import {
  equalBytes,
  errorLine,
  expectLength,
  FieldproofError,
  fieldproofErrorOf,
  fromHex,
  type Hash32,
  hash32,
  toHex,
} from '../base/index.ts'
import { type Signer, thumbprint } from '../crypto/index.ts'
import { enrolmentDigest } from '../evm/index.ts'
import { nativeHash } from '../native/index.ts'
import { fetchText, type GatewayInfo, parseJsonObject } from './gateway-info.ts'

/** Longest life of an enrolment signature that a machine agrees to, in seconds. */
const ENROL_WITHIN_S = 7200

/** What came of an enrolment. */
export interface EnrolResult {
  readonly enrolment: 'enrolled' | 'already-enrolled' | 'not-offered'
  /** Who the gateway enrols machines for, 20 bytes; null when it offers none. */
  readonly owner: Uint8Array | null
}

/**
 * Agrees to be enrolled on the gateway's terms. The machine builds the digest itself, from terms that it has checked: its
 * home is the log that it pinned, and the signature is of no use after a while.
 * @param wanted the only owner that it agrees to; null agrees to any
 * @throws FieldproofError `enrol-refused`
 */
export async function enrol(
  url: string,
  gateway: GatewayInfo,
  signer: Signer,
  nowMs: number,
  wanted: Uint8Array | null,
): Promise<EnrolResult> {
  const { chainId, registry, logId } = gateway
  const print = thumbprint(signer, nativeHash)
  const offer = await fetchText(url, `/v1/enrol?publicKey=${toHex(signer.publicKey)}`).catch(reasonOf)
  if (typeof offer !== 'string') {
    return offer.reason === 'not-found' ? { enrolment: 'not-offered', owner: null } : refused(offer.error)
  }
  const { owner, homeLog, nonce, deadline } = readOffer(offer, nowMs)
  if (!equalBytes(homeLog, logId)) refused(new Error('the gateway offers another home log than the one that is pinned'))
  if (wanted !== null && !equalBytes(owner, wanted)) {
    const named = `0x${toHex(owner)}, but the owner given for this machine is 0x${toHex(wanted)}`
    refused(new Error(`the gateway enrols machines for ${named}: nothing was signed`))
  }
  const digest = enrolmentDigest({ chainId, registry, owner, homeLog, thumbprint: print, nonce, deadline })
  const signature = toHex(await signer.sign(digest))
  const body = JSON.stringify({ publicKey: toHex(signer.publicKey), deadline, signature })
  const headers = { 'content-type': 'application/json' }
  const answer = await fetchText(url, '/v1/enrol', { method: 'POST', body, headers }).catch(refused)
  const isOld = parseJsonObject(answer, 'enrolment')['isNew'] === false
  return { enrolment: isOld ? 'already-enrolled' : 'enrolled', owner }
}

function readOffer(
  text: string,
  nowMs: number,
): { owner: Uint8Array; homeLog: Hash32; nonce: number; deadline: number } {
  const { owner, homeLog, nonce, deadline } = parseJsonObject(text, 'enrolment offer')
  const latest = nowMs / 1000 + ENROL_WITHIN_S
  if (typeof owner !== 'string' || typeof homeLog !== 'string' || !isCount(nonce)) {
    return refused(new Error('the offer has no owner, home log or nonce'))
  }
  if (!isCount(deadline) || deadline > latest) {
    return refused(new Error(`the offer has a deadline more than ${ENROL_WITHIN_S} s away`))
  }
  return { owner: expectLength(fromHex(owner), 20, 'owner'), homeLog: hash32(fromHex(homeLog)), nonce, deadline }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function reasonOf(error: unknown): { reason: unknown; error: unknown } {
  return { reason: fieldproofErrorOf(error)?.facts['reason'], error }
}

function refused(cause: unknown): never {
  throw new FieldproofError('enrol-refused', errorLine(cause), { cause })
}
