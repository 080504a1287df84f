export { encodeCall, keccak256, readRight, readUint, readWords, wordOf } from './abi.ts'
export { caip2Of, chainIdOf } from './caip2.ts'
export {
  ANCHOR_LOG_CALL,
  type HomeEntry,
  headCall,
  homeSinceCall,
  type KeyEntry,
  keyOfCall,
  logIdOf,
  readAnchorLog,
  readHead,
  readHomeEntry,
  readKeyEntry,
  readTreeHead,
  type TreeHead,
} from './contracts.ts'
export { type Enrolment, enrolmentDigest } from './enrolment.ts'
export { readData, readObject, readQuantity, toRpcData, toRpcQuantity } from './hex.ts'
export {
  type Block,
  type EventLog,
  fetchBlock,
  fetchCall,
  fetchChainId,
  fetchReceipt,
  type Rpc,
  type TransactionReceipt,
} from './rpc.ts'
