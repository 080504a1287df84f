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
import { type Abi, decodeErrorResult, encodeDeployData, type Hex, numberToHex, pad } from 'viem'

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

/** What a call did: its events in order, or the custom error that refused it. */
export type Outcome = { readonly events: readonly Named[] } | { readonly error: Named }

/** An event as it stands in the receipt. */
export interface Log {
  readonly topics: Hex[]
  readonly data: Hex
}

/** Every slot that is not zero, 32 bytes each. */
export type Storage = ReadonlyMap<Hex, Hex>

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
  readonly #state: SimpleStateManager
  #lastBlock: Block | undefined

  private constructor(vm: VM, state: SimpleStateManager, chainId: number) {
    this.#vm = vm
    this.#state = state
    this.chainId = chainId
  }

  /** A chain with nothing on it. */
  static async create(chainId = 31337): Promise<Evm> {
    const common = createCustomCommon({ chainId }, Mainnet, { hardfork: Hardfork.Osaka })
    // Without a trie: nothing here asks for a state root, and a call is several times faster.
    const state = new SimpleStateManager({ common })
    return new Evm(await createVM({ common, stateManager: state }), state, chainId)
  }

  /** A chain with another id that split off now: every contract and its storage are there too. */
  async split(chainId: number): Promise<Evm> {
    const other = await Evm.create(chainId)
    other.#state.accountStack = [new Map(this.#state.accountStack.at(-1))]
    other.#state.codeStack = [new Map(this.#state.codeStack.at(-1))]
    other.#state.storageStack = [new Map(this.#state.storageStack.at(-1))]
    other.number = this.number
    other.timestamp = this.timestamp
    return other
  }

  /** Runs a call, or a creation without `to`; `keep: false` undoes it afterwards. */
  async run(
    from: Hex,
    to: Hex | undefined,
    data: Hex,
    keep = true,
  ): Promise<{ ok: boolean; output: Hex; logs: Log[]; created: Address | undefined }> {
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

  /** Runs a constructor at a given address, as if the creation had led there, and leaves the contract there. */
  async deployAt(address: Hex, { abi, bytecode }: Artifact, args: readonly unknown[] = []): Promise<void> {
    const to = createAddressFromString(address)
    const code = hexToBytes(encodeDeployData({ abi, bytecode, args }))
    await this.#state.putCode(to, new Uint8Array(0)) // an account must be there before it can store anything
    const result = await this.#vm.evm.runCode({ code, to, block: this.#block(), gasLimit: 30_000_000n })
    if (result.exceptionError !== undefined) throw new Error(`not deployed: ${result.exceptionError.error}`)
    await this.#state.putCode(to, result.returnValue)
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
    return pad(bytesToHex(await this.#state.getStorage(createAddressFromString(address), key)))
  }

  /** The whole storage of a contract. */
  storage(address: Hex): Storage {
    const found = new Map<Hex, Hex>()
    for (const [place, value] of this.#state.storageStack.at(-1) ?? []) {
      const [owner, slot] = place.split('_') as [Hex, Hex]
      if (owner === address && value.some((byte) => byte !== 0)) found.set(slot, pad(bytesToHex(value)))
    }
    return found
  }

  /** Writes a slot behind the contract's back, for states that no transaction can reach in a test's time. */
  async setSlot(address: Hex, slot: Hex, value: Hex): Promise<void> {
    await this.#state.putStorage(createAddressFromString(address), hexToBytes(slot), hexToBytes(value))
  }
}
