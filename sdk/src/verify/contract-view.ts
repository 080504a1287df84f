/** What the contracts say, from wherever it is known: a node's newest state, or the proven state of one block. */
import { FieldproofError, type Hash32, type MachineId, machineIdBytes, toHex } from '../base/index.ts'
import {
  ANCHOR_LOG_CALL,
  fetchCall,
  type HomeEntry,
  homeSinceCall,
  type KeyEntry,
  keyOfCall,
  type Rpc,
  readAnchorLog,
  readHomeEntry,
  readKeyEntry,
} from '../evm/index.ts'
import type { ProvenState } from './state-checks.ts'

/** Entries of the contracts; null for what is not there. */
export interface ContractView {
  /** Of when the entries are, for people. */
  readonly asOf: string
  /** AnchorLog that the registry names, 20 bytes. */
  anchorLog(): Promise<Uint8Array>
  keyEntry(thumbprint: Hash32): Promise<KeyEntry | null>
  homeEntry(machine: MachineId, logId: Hash32): Promise<HomeEntry | null>
}

/** Asks a node for the newest entries, each once. @param registry 20 bytes */
export function nodeView(rpc: Rpc, registry: Uint8Array): ContractView {
  const asked = new Map<string, Promise<unknown>>()
  const once = <T>(call: Uint8Array, readOutput: (output: Uint8Array) => T): Promise<T> => {
    const name = toHex(call)
    const known = asked.get(name) as Promise<T> | undefined
    if (known !== undefined) return known
    const answer = fetchCall(rpc, registry, call).then((output) => asRegistry(registry, readOutput, output))
    asked.set(name, answer)
    return answer
  }
  return {
    asOf: 'now',
    anchorLog: () => once(ANCHOR_LOG_CALL, readAnchorLog),
    keyEntry: (thumbprint) => once(keyOfCall(thumbprint), readKeyEntry),
    homeEntry: (machine, logId) => once(homeSinceCall(machineIdBytes(machine), logId), readHomeEntry),
  }
}

/** Entries that were read from a proven state. One that begins with block 0 does not exist (ANCHOR-14). */
export function stateView({ header, questions, answers }: ProvenState): ContractView {
  const keys = new Map(questions.keys.map((key, i) => [toHex(key), answers.keys[i]]))
  const homes = new Map(questions.machines.map((machine, i) => [toHex(machine), answers.homes[i]]))
  return {
    asOf: `in block ${header.number}`,
    anchorLog: async () => answers.anchorLog,
    async keyEntry(thumbprint) {
      const entry = keys.get(toHex(thumbprint))
      return entry === undefined || entry.fromBlock === 0 ? null : entry
    },
    async homeEntry(machine) {
      const entry = homes.get(toHex(machineIdBytes(machine)))
      return entry === undefined || entry.sinceBlock === 0 ? null : entry
    },
  }
}

/** A contract that answers in another shape is not the contract that was meant: the verdict is "fail", not "could not ask". */
function asRegistry<T>(address: Uint8Array, read: (data: Uint8Array) => T, output: Uint8Array): T {
  try {
    return read(output)
  } catch (cause) {
    throw new FieldproofError('contract-missing', `the registry at 0x${toHex(address)} is not a MachineRegistry`, {
      cause,
    })
  }
}
