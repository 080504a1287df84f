/** What is on chain: events, proven storage slots, EIP-712 words (spec 06-anchor). */
import { keccak_256 } from '@noble/hashes/sha3.js'
import { bigTo32, concat, unhex, utf8 } from './bytes.mjs'

const keccak = (...parts) => keccak_256(concat(...parts))
const word = (value) =>
  value instanceof Uint8Array ? concat(new Uint8Array(32 - value.length), value) : bigTo32(BigInt(value))
const slotOf = (key, base) => keccak(word(key), word(base))
const plus = (slot, offset) => bigTo32(BigInt(`0x${Buffer.from(slot).toString('hex')}`) + BigInt(offset))
/** Fields [value, bits] from the least significant bit up, in one word. */
const pack = (...fields) => {
  let [out, at] = [0n, 0n]
  for (const [value, bits] of fields) {
    out |= BigInt(value) << at
    at += BigInt(bits)
  }
  return bigTo32(out)
}

/** Topics and data of TreeHead. */
export const treeHeadEvent = (logId, size, root) => ({
  topics: [keccak(utf8('TreeHead(bytes32,uint64,bytes32)')), logId],
  data: concat(word(size), root),
})

/** AnchorLog: the two slots a verifier needs. */
export const logSlots = (logId, { root, size, time, blockNumber, lastGoodSize }) => [
  { slot: slotOf(logId, 0), value: root },
  { slot: plus(slotOf(logId, 0), 1), value: pack([size, 64], [time, 64], [blockNumber, 64], [lastGoodSize, 64]) },
]

const numberOf = (bytes) => BigInt(`0x${Buffer.from(bytes).toString('hex')}`)

export const keySlot = (thumbprint, { machine, fromBlock, retiredSeq, retiredBlock, revokedBlock }) => ({
  slot: slotOf(thumbprint, 1),
  value: pack([numberOf(machine), 128], [fromBlock, 32], [retiredSeq, 32], [retiredBlock, 32], [revokedBlock, 32]),
})

export const homeSlot = (machine, logId, { since, until }) => ({
  slot: keccak(logId, slotOf(machine, 2)),
  value: pack([since, 64], [until, 64]),
})

const DOMAIN = 'EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)'
const ENROL = 'Enrol(address owner,bytes32 homeLog,bytes32 thumbprint,uint256 nonce,uint256 deadline)'
const ROTATE = 'Rotate(uint256 machine,bytes32 thumbprint,uint256 nonce,uint256 deadline)'

const typed = ({ chainId, registry }, type, ...values) => {
  const name = keccak(utf8('Fieldproof MachineRegistry'))
  const domain = keccak(keccak(utf8(DOMAIN)), name, keccak(utf8('1')), word(chainId), word(registry))
  return keccak(unhex('1901'), domain, keccak(keccak(utf8(type)), ...values.map(word)))
}

/** EIP-712 digests. The key signs SHA-256 of a digest. */
export const enrolDigest = (domain, { owner, homeLog, thumbprint, nonce, deadline }) =>
  typed(domain, ENROL, owner, homeLog, thumbprint, nonce, deadline)
export const rotateDigest = (domain, { machine, thumbprint, nonce, deadline }) =>
  typed(domain, ROTATE, machine, thumbprint, nonce, deadline)
