export { decodeCbor } from '#cbor-values'
export { type Batch, decodeBatch, encodeBatch, type OpenBatch, type SealedBatch, type SealedBox } from './batch.ts'
export { assertDeterministic } from './cbor-gate.ts'
export { CborReader } from './cbor-reader.ts'
export { type CborValue, CborWriter, encodeCbor } from './cbor-writer.ts'
export { columnsOf, rowCountOf, rowsOf } from './columns.ts'
export {
  type Column,
  type ColumnType,
  columnOf,
  decodeDefinition,
  definitionHashInput,
  encodeDefinition,
  type StreamContext,
  type StreamDefinition,
} from './definition.ts'
export {
  BUNDLE_LIMITS,
  CAIP2_PATTERN,
  type CborLimits,
  ITEM_LIMITS,
  MAX_BUNDLE_BYTES,
  MAX_COLUMNS,
  MAX_MESSAGE_BYTES,
  MAX_METHOD_BYTES,
  MAX_PATH,
  MAX_RECIPIENTS,
  MAX_ROWS,
  MAX_VALUE_BYTES,
  MESSAGE_LIMITS,
  ORIGIN_PATTERN,
} from './limits.ts'
export {
  type AnchorReference,
  anchorItems,
  type Beacon,
  type Birth,
  decodeBeacon,
  decodeBirth,
  decodeReceiptMessage,
  decodeStatus,
  encodeBeacon,
  encodeBirth,
  encodeReceiptMessage,
  encodeStatus,
  type ReceiptMessage,
  type Status,
} from './messages.ts'
export { assertRow, decodeRowInput, encodeRowInput, type Row, SALT_BYTES, type Value, writeRowInput } from './row.ts'
export { MACHINE_PUBLISHES, parseTopic, TOPIC_NAMES, type TopicName, topicOf } from './topics.ts'
