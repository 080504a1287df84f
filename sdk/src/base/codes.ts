/**
 * The registry of error and refusal codes. A number is never reused; schemas/errors.md describes each and is tested to
 * hold exactly this set. Numbers below 100 travel on the wire as refusals (schemas/spec/06-receipt.md).
 */

/** Whose fault it is. */
export type Fault = 'caller' | 'peer' | 'operator' | 'us'
/** `retry`: the same input may pass later; `repair`: change something first; `final`: this input never passes. */
export type Retry = 'retry' | 'repair' | 'final'

interface Entry {
  readonly number: number
  readonly fault: Fault
  readonly retry: Retry
}

const entry = (number: number, fault: Fault, retry: Retry): Entry => ({ number, fault, retry })

/** Every code, with its stable number. */
export const CODES = {
  // 1-99: refusals, sent to the machine on its receipt topic
  'too-large': entry(1, 'peer', 'final'),
  malformed: entry(2, 'peer', 'final'),
  'not-deterministic': entry(3, 'peer', 'final'),
  'unknown-key': entry(4, 'operator', 'retry'),
  'revoked-key': entry(5, 'operator', 'final'),
  'bad-signature': entry(6, 'peer', 'final'),
  'root-mismatch': entry(7, 'peer', 'final'),
  'count-mismatch': entry(8, 'peer', 'final'),
  'stream-unknown': entry(9, 'peer', 'retry'),
  'rate-limited': entry(10, 'peer', 'retry'),
  'wrong-topic': entry(11, 'peer', 'final'),
  fork: entry(12, 'peer', 'final'),
  'gateway-busy': entry(13, 'us', 'retry'),
  'sealed-mismatch': entry(14, 'peer', 'final'),
  // 100-199: bytes and formats
  'out-of-range': entry(100, 'caller', 'repair'),
  'wrong-length': entry(101, 'caller', 'repair'),
  'hex-invalid': entry(102, 'caller', 'repair'),
  'column-invalid': entry(103, 'caller', 'repair'),
  'row-invalid': entry(104, 'caller', 'repair'),
  'definition-invalid': entry(105, 'peer', 'repair'),
  'statement-invalid': entry(106, 'peer', 'final'),
  'batch-invalid': entry(107, 'peer', 'final'),
  'receipt-invalid': entry(108, 'peer', 'retry'),
  'checkpoint-invalid': entry(109, 'peer', 'final'),
  'genesis-invalid': entry(110, 'peer', 'final'),
  'message-invalid': entry(111, 'peer', 'final'),
  'bundle-invalid': entry(112, 'peer', 'final'),
  'bundle-digest': entry(113, 'peer', 'final'),
  'topic-invalid': entry(114, 'peer', 'final'),
  // 200-299: keys, signatures, trees
  'key-invalid': entry(200, 'peer', 'final'),
  'key-exposed': entry(201, 'operator', 'repair'),
  'key-missing': entry(202, 'operator', 'repair'),
  'key-exists': entry(203, 'operator', 'repair'),
  'sealed-open-failed': entry(204, 'caller', 'repair'),
  'proof-invalid': entry(205, 'peer', 'final'),
  'tree-range': entry(206, 'caller', 'repair'),
  // 300-399: machine
  'outbox-full': entry(300, 'operator', 'repair'),
  'outbox-corrupt': entry(301, 'operator', 'repair'),
  'stream-duplicate': entry(302, 'caller', 'repair'),
  'clock-invalid': entry(303, 'operator', 'repair'),
  'link-failed': entry(304, 'operator', 'retry'),
  'machine-stopped': entry(305, 'caller', 'repair'),
  'history-behind': entry(306, 'operator', 'retry'),
  // 400-499: gateway
  'config-invalid': entry(400, 'operator', 'repair'),
  'store-corrupt': entry(401, 'operator', 'repair'),
  'store-behind-chain': entry(402, 'operator', 'repair'),
  'head-conflict': entry(403, 'us', 'final'),
  'not-anchored-yet': entry(404, 'caller', 'retry'),
  'not-found': entry(405, 'caller', 'final'),
  'port-taken': entry(406, 'operator', 'repair'),
  'enrol-refused': entry(407, 'caller', 'repair'),
  'request-invalid': entry(408, 'caller', 'repair'),
  'store-locked': entry(409, 'operator', 'repair'),
  // 500-599: chain
  'rpc-failed': entry(500, 'operator', 'retry'),
  'rpc-invalid': entry(501, 'operator', 'final'),
  'chain-mismatch': entry(502, 'operator', 'repair'),
  'contract-missing': entry(503, 'operator', 'repair'),
  'transaction-failed': entry(504, 'operator', 'retry'),
  'local-chain-failed': entry(505, 'operator', 'repair'),
  // 600-699: command line
  usage: entry(600, 'caller', 'repair'),
  'file-unreadable': entry(601, 'operator', 'repair'),
  'trust-invalid': entry(602, 'caller', 'repair'),
  'deadline-passed': entry(603, 'operator', 'retry'),
} as const satisfies Record<string, Entry>

/** Stable name of an error or refusal. */
export type Code = keyof typeof CODES

const BY_NUMBER: ReadonlyMap<number, Code> = new Map(
  (Object.keys(CODES) as Code[]).map((code): [number, Code] => [CODES[code].number, code]),
)

/** The code that a number stands for, or undefined for a number this version does not know. */
export function codeOfNumber(number: number): Code | undefined {
  return BY_NUMBER.get(number)
}
