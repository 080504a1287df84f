/**
 * Limits of version 1, in one place (schemas/spec/01-wire.md). They are part of the format: a reader refuses what is
 * over them, so a writer may not make it.
 */

/** Bounds that {@link assertDeterministic} enforces while it walks. */
export interface CborLimits {
  readonly maxBytes: number
  /** Nesting of arrays and maps; a lone integer has depth 0. */
  readonly maxDepth: number
  /** Data items in all, map keys included. */
  readonly maxItems: number
}

/** Largest message on any topic: what a C2SP entry bundle can length-prefix. */
export const MAX_MESSAGE_BYTES: number = 65_535
/** Rows of one batch. */
export const MAX_ROWS: number = 4096
/** Columns of one stream, the time not counted. */
export const MAX_COLUMNS: number = 64
/** Bytes of one text (as UTF-8) or byte-string value. */
export const MAX_VALUE_BYTES: number = 1024
/** Bytes of a definition's method text. */
export const MAX_METHOD_BYTES: number = 1024
/** Recipients of a sealed batch. */
export const MAX_RECIPIENTS: number = 16
/** Bytes of a proof bundle. */
export const MAX_BUNDLE_BYTES: number = 4 * 1024 * 1024
/** Longest inclusion path: a log of 2^53 leaves. */
export const MAX_PATH: number = 53

/** CONV-8: 16 items, the outermost counted, which has depth 0. */
const MAX_DEPTH = 15

/** For one MQTT message. Items: 4096 rows of a few columns fit in 65 535 bytes whatever the columns are. */
export const MESSAGE_LIMITS: CborLimits = {
  maxBytes: MAX_MESSAGE_BYTES,
  maxDepth: MAX_DEPTH,
  maxItems: MAX_MESSAGE_BYTES,
}
/** For a stream definition, a statement header, a genesis leaf or a row. */
export const ITEM_LIMITS: CborLimits = { maxBytes: MAX_MESSAGE_BYTES, maxDepth: MAX_DEPTH, maxItems: 1024 }
/** For the body of a proof bundle. */
export const BUNDLE_LIMITS: CborLimits = { maxBytes: MAX_BUNDLE_BYTES, maxDepth: MAX_DEPTH, maxItems: 262_144 }

/** A chain as CAIP-2 names it, e.g. `eip155:1`. */
export const CAIP2_PATTERN: RegExp = /^[-a-z0-9]{3,8}:[-_a-zA-Z0-9]{1,32}$/
/** Origin of a log: a C2SP key name of 1 to 128 printable ASCII characters, without space and plus sign. */
export const ORIGIN_PATTERN: RegExp = /^[!-*,-~]{1,128}$/
