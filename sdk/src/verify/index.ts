export { addRows, type RecipientKey, type ShownRows } from './add-rows.ts'
export { type AnchoredHead, anchorToBeSigned, verifyAnchorWord } from './anchor-word.ts'
export {
  type Bundle,
  type BundleAnchor,
  type BundleRow,
  type BundleStatement,
  decodeBundle,
  decodePlace,
  encodeBundle,
  encodePlace,
  type StateAnchor,
  type TransactionAnchor,
} from './bundle.ts'
export type { Engines } from './bundle-checks.ts'
export { assertHomeAt, assertInForce } from './contract-checks.ts'
export { decodeGenesis, encodeGenesis, type Genesis } from './genesis.ts'
export { decimalText, type ProvenRow, type ProvenValue, shownValue, type TimeWindow } from './proven-row.ts'
export {
  encodeReceipt,
  encodeReceiptHeader,
  type Inclusion,
  type LogIdentity,
  receiptToBeSigned,
  verifyReceipt,
} from './receipt.ts'
export { CHECKS, type Check, type CheckId, type CheckStatus, type Verdict } from './report.ts'
export { type OpenedBatch, type RowProver, rowProver } from './row-prover.ts'
export { type NamedSigner, stateQuestions } from './state-checks.ts'
export type { ChainAccess, Trust } from './trust.ts'
export { type Report, type VerifyOptions, verifyBundle } from './verify-bundle.ts'
