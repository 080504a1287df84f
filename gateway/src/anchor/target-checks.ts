/** What has to be right with a node and a log before anything is anchored there. */
import { equalBytes, FieldproofError, fromHex, toHex } from '@fieldproof/sdk/base'
import { fetchCall, toRpcData } from '@fieldproof/sdk/evm'
import { encodeFunctionData } from 'viem'
import { anchorLogAbi } from './abi.ts'
import type { Account } from './accounts.ts'
import { type LogContracts, tryEvidence } from './evidence.ts'
import { fetchHeader } from './header.ts'
import { nodeComplaint } from './http-rpc.ts'

/** Only the log's appender may extend it. @throws FieldproofError `config-invalid`, `rpc-failed` */
export async function expectAppender(log: Omit<LogContracts, 'memory'>, account: Account): Promise<void> {
  const { rpc, anchorLog, logId } = log
  const data = encodeFunctionData({
    abi: anchorLogAbi,
    functionName: 'appenderOf',
    args: [`0x${toHex(logId)}`],
  })
  const appender = (await fetchCall(rpc, anchorLog, fromHex(data))).slice(-20)
  if (equalBytes(appender, account.address)) return
  throw new FieldproofError(
    'config-invalid',
    `the appender of the log is ${toRpcData(appender)}, the configured key is of ${toRpcData(account.address)}`,
    { facts: { appender: toRpcData(appender), configured: toRpcData(account.address) } },
  )
}

/** How nodes say that they do not serve a method. */
const NO_METHOD = /method|not (supported|allowed|enabled|implemented)|unsupported/i
const METHOD_NOT_FOUND = -32601

/**
 * Without state proofs no anchor would ever become final, which nobody would see before the first one was paid for.
 * @throws FieldproofError `config-invalid`, `rpc-failed`
 */
export async function expectProofs(log: LogContracts): Promise<void> {
  for (let isLast = false; ; isLast = true) {
    try {
      return await tryEvidence(log, await fetchHeader(log.rpc, 'latest'))
    } catch (error) {
      if (!isNoProof(error)) throw error
      // The newest block may have been replaced between two questions.
      if (error.code === 'rpc-invalid' && !isLast) continue
      throw new FieldproofError(
        'config-invalid',
        'the node gives no state proofs (eth_getProof), and no anchor can be kept without them: configure the endpoint of a node that serves eth_getProof for its newest blocks',
        { facts: { method: 'eth_getProof' }, cause: error },
      )
    }
  }
}

function isNoProof(error: unknown): error is FieldproofError {
  if (!(error instanceof FieldproofError)) return false
  const complaint = nodeComplaint(error)
  if (complaint === null) return error.code === 'rpc-invalid'
  return error.facts['rpcCode'] === METHOD_NOT_FOUND || NO_METHOD.test(complaint)
}
