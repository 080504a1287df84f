/**
 * The registry of error and refusal codes. A number is never reused; schemas/errors.md describes each and is tested to
 * hold exactly this set. Numbers below 100 travel on the wire as refusals (schemas/spec/05-receipt.md).
 */

/** Whose fault it is. */
export type Fault = 'caller' | 'peer' | 'operator' | 'us'
/** `retry`: the same input may pass later; `repair`: change something first; `final`: this input never passes. */
export type Retry = 'retry' | 'repair' | 'final'

/** Every code: its stable number, whose fault it is, and what to do with the same input. */
export const CODES = {
  // 1-99: refusals, sent to the machine on its receipt topic
  'too-large': [1, 'peer', 'final'],
  malformed: [2, 'peer', 'final'],
  'not-deterministic': [3, 'peer', 'final'],
  'unknown-key': [4, 'operator', 'retry'],
  'revoked-key': [5, 'operator', 'final'],
  'bad-signature': [6, 'peer', 'final'],
  'root-mismatch': [7, 'peer', 'final'],
  'count-mismatch': [8, 'peer', 'final'],
  'stream-unknown': [9, 'peer', 'retry'],
  'rate-limited': [10, 'peer', 'retry'],
  'wrong-topic': [11, 'peer', 'final'],
  fork: [12, 'peer', 'final'],
  'gateway-busy': [13, 'us', 'retry'],
  'sealed-mismatch': [14, 'peer', 'final'],
  // 100-199: bytes and formats
  'out-of-range': [100, 'caller', 'repair'],
  'wrong-length': [101, 'caller', 'repair'],
  'hex-invalid': [102, 'caller', 'repair'],
  'column-invalid': [103, 'caller', 'repair'],
  'row-invalid': [104, 'caller', 'repair'],
  'definition-invalid': [105, 'peer', 'repair'],
  'statement-invalid': [106, 'peer', 'final'],
  'batch-invalid': [107, 'peer', 'final'],
  'receipt-invalid': [108, 'peer', 'retry'],
  'checkpoint-invalid': [109, 'peer', 'final'],
  'genesis-invalid': [110, 'peer', 'final'],
  'message-invalid': [111, 'peer', 'final'],
  'bundle-invalid': [112, 'peer', 'final'],
  'bundle-digest': [113, 'peer', 'final'],
  'topic-invalid': [114, 'peer', 'final'],
  // 200-299: keys, signatures, trees
  'key-invalid': [200, 'peer', 'final'],
  'key-exposed': [201, 'operator', 'repair'],
  'key-missing': [202, 'operator', 'repair'],
  'key-exists': [203, 'operator', 'repair'],
  'sealed-open-failed': [204, 'caller', 'repair'],
  'proof-invalid': [205, 'peer', 'final'],
  'tree-range': [206, 'caller', 'repair'],
  'tile-invalid': [207, 'peer', 'final'],
  // 300-399: machine
  'outbox-full': [300, 'operator', 'repair'],
  'outbox-corrupt': [301, 'operator', 'repair'],
  'link-failed': [304, 'operator', 'retry'],
  'machine-stopped': [305, 'caller', 'repair'],
  'gateway-changed': [306, 'operator', 'repair'],
  'outbox-failed': [307, 'operator', 'repair'],
  // 400-499: gateway
  'config-invalid': [400, 'operator', 'repair'],
  'store-corrupt': [401, 'operator', 'repair'],
  'store-behind-chain': [402, 'operator', 'repair'],
  'head-conflict': [403, 'us', 'final'],
  'not-anchored-yet': [404, 'caller', 'retry'],
  'not-found': [405, 'caller', 'final'],
  'port-taken': [406, 'operator', 'repair'],
  'enrol-refused': [407, 'caller', 'repair'],
  'request-invalid': [408, 'caller', 'repair'],
  'store-locked': [409, 'operator', 'repair'],
  'state-unavailable': [410, 'operator', 'retry'],
  // 500-599: chain
  'rpc-failed': [500, 'operator', 'retry'],
  'rpc-invalid': [501, 'operator', 'final'],
  'chain-mismatch': [502, 'operator', 'repair'],
  'contract-missing': [503, 'operator', 'repair'],
  'transaction-failed': [504, 'operator', 'retry'],
  'local-chain-failed': [505, 'operator', 'repair'],
  // 600-699: command line
  usage: [600, 'caller', 'repair'],
  'file-unreadable': [601, 'operator', 'repair'],
  'trust-invalid': [602, 'caller', 'repair'],
  'deadline-passed': [603, 'operator', 'retry'],
  // 700-799: boards and sensors
  'port-unavailable': [700, 'operator', 'retry'],
  'board-silent': [701, 'peer', 'retry'],
  'board-firmware': [702, 'operator', 'repair'],
  'board-garbled': [703, 'peer', 'retry'],
  'board-message-invalid': [704, 'peer', 'retry'],
  'board-restarted': [705, 'peer', 'retry'],
  'board-disconnected': [706, 'operator', 'retry'],
  'board-refused': [707, 'peer', 'repair'],
  'sensor-silent': [708, 'operator', 'retry'],
  'sensor-invalid': [709, 'operator', 'retry'],
  'sensor-mismatch': [710, 'operator', 'repair'],
  'command-failed': [711, 'operator', 'retry'],
  'station-not-running': [712, 'operator', 'repair'],
} as const

/** Stable name of an error or refusal. */
export type Code = keyof typeof CODES

const BY_NUMBER: ReadonlyMap<number, Code> = new Map(
  (Object.keys(CODES) as Code[]).map((code): [number, Code] => [CODES[code][0], code]),
)

/** The code that a number stands for, or undefined for a number this version does not know. */
export function codeOfNumber(number: number): Code | undefined {
  return BY_NUMBER.get(number)
}
