/** A contract on the EVM of ./evm.ts, called by name; events and refusals come back by name too. */
import {
  type Abi,
  type ContractFunctionArgs,
  type ContractFunctionName,
  type ContractFunctionReturnType,
  decodeErrorResult,
  decodeEventLog,
  decodeFunctionResult,
  type EncodeFunctionDataParameters,
  encodeFunctionData,
  type Hex,
} from 'viem'
import { account, type Evm, type Log, type Named, type Outcome } from './evm.ts'

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

  /** Sends a call, whether it succeeds or not. */
  async attempt<TName extends ContractFunctionName<TAbi, 'nonpayable'>>(
    from: Hex,
    name: TName,
    args: ContractFunctionArgs<TAbi, 'nonpayable', TName>,
  ): Promise<Outcome> {
    const { ok, output, logs } = await this.#evm.run(from, this.address, this.#encode(name, args))
    return ok ? { events: logs.map((log) => this.#event(log)) } : { error: this.#error(output) }
  }

  /** Sends a call that must succeed; its events as they stand in the receipt. */
  async sendRaw<TName extends ContractFunctionName<TAbi, 'nonpayable'>>(
    from: Hex,
    name: TName,
    args: ContractFunctionArgs<TAbi, 'nonpayable', TName>,
  ): Promise<Log[]> {
    const { ok, output, logs } = await this.#evm.run(from, this.address, this.#encode(name, args))
    if (!ok) throw new Error(`${name} refused: ${this.#error(output).name}`)
    return logs
  }

  /** Sends a call that must succeed; its events in order. */
  async send<TName extends ContractFunctionName<TAbi, 'nonpayable'>>(
    from: Hex,
    name: TName,
    args: ContractFunctionArgs<TAbi, 'nonpayable', TName>,
  ): Promise<Named[]> {
    const outcome = await this.attempt(from, name, args)
    if ('error' in outcome) throw new Error(`${name} refused: ${JSON.stringify(outcome.error.name)}`)
    return [...outcome.events]
  }

  /** The custom error of a call that must not succeed. */
  async refusal<TName extends ContractFunctionName<TAbi, 'nonpayable'>>(
    from: Hex,
    name: TName,
    args: ContractFunctionArgs<TAbi, 'nonpayable', TName>,
  ): Promise<Named> {
    const outcome = await this.attempt(from, name, args)
    if ('events' in outcome) throw new Error(`${name} was accepted`)
    return outcome.error
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

  #event({ topics, data }: Log): Named {
    const event = decodeEventLog({ abi: this.#full, topics: topics as [Hex, ...Hex[]], data })
    return { name: event.eventName ?? '', args: event.args }
  }

  #error(data: Hex): Named {
    const { errorName, args } = decodeErrorResult({ abi: this.#full, data })
    return { name: errorName, args: args ?? [] }
  }
}
