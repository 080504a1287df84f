/**
 * An EVM in this process, on osaka rules, for contract tests: block number and time are plain values, nothing is mined,
 * nobody pays. A call that reverts leaves no trace.
 */
import { readFileSync } from 'node:fs'
import { type Block, createBlock } from '@ethereumjs/block'
import { createCustomCommon, Hardfork, Mainnet } from '@ethereumjs/common'
import { SimpleStateManager } from '@ethereumjs/statemanager'
import { type Address, bytesToHex, createAddressFromString, hexToBytes } from '@ethereumjs/util'
import { createVM, type VM } from '@ethereumjs/vm'
import {
  type Abi,
  type ContractFunctionArgs,
  type ContractFunctionName,
  type ContractFunctionReturnType,
  decodeErrorResult,
  decodeEventLog,
  decodeFunctionResult,
  type EncodeFunctionDataParameters,
  encodeDeployData,
  encodeFunctionData,
  type Hex,
  numberToHex,
  pad,
} from 'viem'

export type { Hex }

/** What `compile.mjs` writes, as far as tests need it. */
export interface Artifact {
  readonly abi: Abi
  readonly bytecode: Hex
}

/** A name and arguments: of an event that was emitted, or of a custom error. */
export interface Named {
  readonly name: string
  readonly args: unknown
}

/** One artifact from gateway/contracts/artifacts. */
export function artifact(name: 'AnchorLog' | 'MachineRegistry' | 'ERC7913P256Verifier'): Artifact {
  return JSON.parse(readFileSync(new URL(`../../contracts/artifacts/${name}.json`, import.meta.url), 'utf8'))
}

/** Twenty equal bytes: an account that needs no key here. */
export function account(byte: number): Hex {
  return `0x${byte.toString(16).padStart(2, '0').repeat(20)}`
}

/** One chain. Set `number` and `timestamp` (Unix seconds) freely; every call runs in such a block. */
export class Evm {
  number = 1_000n
  timestamp = 1_800_000_000n
  readonly chainId: number
  readonly #vm: VM
  #lastBlock: Block | undefined

  private constructor(vm: VM, chainId: number) {
    this.#vm = vm
    this.chainId = chainId
  }

  /** A chain with nothing on it. */
  static async create(chainId = 31337): Promise<Evm> {
    const common = createCustomCommon({ chainId }, Mainnet, { hardfork: Hardfork.Osaka })
    // Without a trie: nothing here asks for a state root, and a call is several times faster.
    return new Evm(await createVM({ common, stateManager: new SimpleStateManager({ common }) }), chainId)
  }

  /** Runs a call, or a creation without `to`; `keep: false` undoes it afterwards. */
  async run(
    from: Hex,
    to: Hex | undefined,
    data: Hex,
    keep = true,
  ): Promise<{ ok: boolean; output: Hex; logs: { topics: Hex[]; data: Hex }[]; created: Address | undefined }> {
    const { journal } = this.#vm.evm
    await journal.checkpoint()
    const { execResult, createdAddress } = await this.#vm.evm.runCall({
      caller: createAddressFromString(from),
      ...(to !== undefined && { to: createAddressFromString(to) }),
      data: hexToBytes(data),
      block: this.#block(),
    })
    const ok = execResult.exceptionError === undefined
    await (ok && keep ? journal.commit() : journal.revert())
    const logs = (execResult.logs ?? []).map(([, topics, body]) => ({
      topics: topics.map((topic) => bytesToHex(topic)),
      data: bytesToHex(body),
    }))
    return { ok, output: bytesToHex(execResult.returnValue), logs, created: createdAddress }
  }

  /** Deploys an artifact. @throws Error with the revert bytes when the constructor refuses */
  async deploy({ abi, bytecode }: Artifact, args: readonly unknown[] = [], from = account(0xde)): Promise<Hex> {
    const { ok, output, created } = await this.run(from, undefined, encodeDeployData({ abi, bytecode, args }))
    if (!ok || created === undefined) {
      const { errorName, args: facts } = decodeErrorResult({ abi, data: output })
      throw new Error(`${errorName}(${facts?.join(', ')})`)
    }
    return created.toString()
  }

  /** The block to run in; made anew only when its number or time changed, which a thousand calls notice. */
  #block(): Block {
    const { number, timestamp } = this
    const last = this.#lastBlock?.header
    if (this.#lastBlock === undefined || last?.number !== number || last.timestamp !== timestamp) {
      const header = { number, timestamp, gasLimit: 60_000_000n }
      this.#lastBlock = createBlock({ header }, { common: this.#vm.common })
    }
    return this.#lastBlock
  }

  /** One storage slot, 32 bytes. */
  async slot(address: Hex, slot: Hex | bigint): Promise<Hex> {
    const key = hexToBytes(typeof slot === 'bigint' ? numberToHex(slot, { size: 32 }) : slot)
    return pad(bytesToHex(await this.#vm.stateManager.getStorage(createAddressFromString(address), key)))
  }

  /** Writes a slot behind the contract's back, for states that no transaction can reach in a test's time. */
  async setSlot(address: Hex, slot: Hex, value: Hex): Promise<void> {
    await this.#vm.stateManager.putStorage(createAddressFromString(address), hexToBytes(slot), hexToBytes(value))
  }
}

/** A deployed contract: typed by `abi`, and decoding errors and events by everything in `full`. */
export class Contract<const TAbi extends Abi> {
  readonly address: Hex
  readonly #evm: Evm
  readonly #abi: TAbi
  readonly #full: Abi

  constructor(evm: Evm, abi: TAbi, full: Abi, address: Hex) {
    this.#evm = evm
    this.#abi = abi
    this.#full = full
    this.address = address
  }

  /** Sends a call that must succeed; its events in order. */
  async send<TName extends ContractFunctionName<TAbi, 'nonpayable'>>(
    from: Hex,
    name: TName,
    args: ContractFunctionArgs<TAbi, 'nonpayable', TName>,
  ): Promise<Named[]> {
    const { ok, output, logs } = await this.#evm.run(from, this.address, this.#encode(name, args))
    if (!ok) throw new Error(`${name} refused: ${JSON.stringify(this.#error(output).name)}`)
    return logs.map(({ topics, data }) => {
      const event = decodeEventLog({ abi: this.#full, topics: topics as [Hex, ...Hex[]], data })
      return { name: event.eventName ?? '', args: event.args }
    })
  }

  /** The custom error of a call that must not succeed. */
  async refusal<TName extends ContractFunctionName<TAbi, 'nonpayable'>>(
    from: Hex,
    name: TName,
    args: ContractFunctionArgs<TAbi, 'nonpayable', TName>,
  ): Promise<Named> {
    const { ok, output } = await this.#evm.run(from, this.address, this.#encode(name, args))
    if (ok) throw new Error(`${name} was accepted`)
    return this.#error(output)
  }

  /** Whether a call would succeed. Changes nothing. */
  async accepts<TName extends ContractFunctionName<TAbi, 'nonpayable'>>(
    from: Hex,
    name: TName,
    args: ContractFunctionArgs<TAbi, 'nonpayable', TName>,
  ): Promise<boolean> {
    return (await this.#evm.run(from, this.address, this.#encode(name, args), false)).ok
  }

  /** Result of a view. */
  async read<TName extends ContractFunctionName<TAbi, 'view' | 'pure'>>(
    name: TName,
    args: ContractFunctionArgs<TAbi, 'view' | 'pure', TName>,
  ): Promise<ContractFunctionReturnType<TAbi, 'view' | 'pure', TName>> {
    const { ok, output } = await this.#evm.run(account(0x0e), this.address, this.#encode(name, args), false)
    if (!ok) throw new Error(`${name} refused: ${this.#error(output).name}`)
    const abi: Abi = this.#abi
    return decodeFunctionResult({ abi, functionName: name as string, data: output }) as ContractFunctionReturnType<
      TAbi,
      'view' | 'pure',
      TName
    >
  }

  #encode(functionName: string, args: unknown): Hex {
    return encodeFunctionData({ abi: this.#abi, functionName, args } as EncodeFunctionDataParameters)
  }

  #error(data: Hex): Named {
    const { errorName, args } = decodeErrorResult({ abi: this.#full, data })
    return { name: errorName, args: args ?? [] }
  }
}
