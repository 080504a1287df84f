/** Birth, status, beacon and receipt messages, and topics (spec 01-wire). */
import { isBytes, isMachineId, isUint, must } from './bytes.mjs'
import { uncbor } from './cbor.mjs'
import { isCaip2 } from './log.mjs'

const KINDS = ['birth', 'status', 'batch', 'receipt', 'head', 'beacon']
const invalid = (condition, message) => must(condition, 'message-invalid', message)
const array = (bytes, ...lengths) => {
  const item = uncbor(bytes, 'message')
  invalid(Array.isArray(item) && lengths.includes(item.length), 'shape')
  return item
}

/** @throws Refused topic-invalid */
export function readTopic(topic) {
  const parts = topic.split('/')
  must(parts.length === 4 && parts[0] === 'fp' && parts[1] === '1', 'topic-invalid', 'not a version 1 topic')
  must(isMachineId(parts[2]) && KINDS.includes(parts[3]), 'topic-invalid', 'machine id or kind')
  return { machine: parts[2], kind: parts[3] }
}

export function readBirth(bytes) {
  const [version, key, definitions, software] = array(bytes, 4)
  invalid(version === 1 && isBytes(key) && typeof software === 'string', 'birth')
  invalid(Array.isArray(definitions) && definitions.length >= 1 && definitions.every((d) => isBytes(d)), 'definitions')
  return { key, definitions, software }
}

export function readStatus(bytes) {
  const [version, online, boot] = array(bytes, 3)
  invalid(version === 1 && isUint(online, 1) && isBytes(boot, 8), 'status')
  return { online: online === 1, boot }
}

export function readBeacon(bytes) {
  const [chainId, blockNumber, blockHash] = array(bytes, 3)
  invalid(isUint(chainId) && isUint(blockNumber) && isBytes(blockHash, 32), 'beacon')
  return { chainId, blockNumber, blockHash }
}

export function readReceiptMessage(bytes) {
  const [kind, digest, ...rest] = array(bytes, 3, 4, 5)
  invalid(isBytes(digest, 32), 'id')
  if (kind === 3) {
    invalid(
      rest.length === 3 && isUint(rest[0]) && typeof rest[1] === 'string' && typeof rest[2] === 'string',
      'refusal',
    )
    return { type: 'refused', digest, number: rest[0], code: rest[1], detail: rest[2] }
  }
  invalid((kind === 1 && rest.length === 1) || (kind === 2 && rest.length === 3), 'kind')
  invalid(isBytes(rest[0]), 'receipt')
  if (kind === 1) return { type: 'logged', digest, receipt: rest[0] }
  invalid(isBytes(rest[2], 64), 'signature')
  return { type: 'anchored', digest, receipt: rest[0], anchor: readAnchor(rest[1]), signature: rest[2] }
}

function readAnchor(item) {
  invalid(Array.isArray(item) && item.length === 6, 'anchor')
  const [caip2, registry, logId, blockNumber, blockHash, txHash] = item
  invalid(isCaip2(caip2) && isBytes(registry, 20) && isBytes(logId, 32), 'anchor')
  invalid(isUint(blockNumber) && isBytes(blockHash, 32) && isBytes(txHash, 32), 'anchor')
  return { caip2, registry, logId, blockNumber, blockHash, txHash }
}
