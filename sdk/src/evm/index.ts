export { encodeCall, keccak256, readRight, readUint, readWords, wordOf } from './abi.ts'
export { accountAddress, checksumAddress } from './account.ts'
export { caip2Of, chainIdOf } from './caip2.ts'
export {
  ANCHOR_LOG_CALL,
  type HomeEntry,
  headCall,
  homeSinceCall,
  type KeyEntry,
  keyOfCall,
  type LogHead,
  logIdOf,
  readAnchorLog,
  readHead,
  readHomeEntry,
  readKeyEntry,
  readTreeHead,
  type TreeHead,
} from './contracts.ts'
export { type Enrolment, enrolmentDigest } from './enrolment.ts'
export { type Header, MAX_HEADER_BYTES, readHeader } from './header.ts'
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
export {
  anchorLogSlot,
  HISTORY_BLOCKS,
  HISTORY_CONTRACT,
  headOfSlots,
  headSlots,
  historySlot,
  homeSlot,
  keySlot,
} from './slots.ts'
export { readState, type StateAnswers, type StateQuestions } from './state.ts'
export { MAX_NODE_BYTES, type NodeSource, OrderedNodes } from './trie.ts'
