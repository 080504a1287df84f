export {
  compareBytes,
  concat,
  equalBytes,
  expectLength,
  fromBase32,
  fromBase64,
  fromHex,
  toBase32,
  toBase64,
  toHex,
  utf8,
} from './bytes.ts'
export { CODES, type Code, codeOfNumber, type Fault, type Retry } from './codes.ts'
export { errorLine, type Facts, FieldproofError, fieldproofErrorOf } from './errors.ts'
export {
  type BootId,
  bootId,
  type Hash32,
  hash32,
  type MachineId,
  machineId,
  machineIdBytes,
  machineIdOf,
  type StatementId,
  statementId,
} from './ids.ts'
export { MAX_TIME_MS, MAX_VALUE, type UnixMs, type UnixSeconds } from './units.ts'
