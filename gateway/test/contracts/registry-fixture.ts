/** A registry on an EVM of its own, with two home logs to choose from. */
import { concat } from 'viem'
import { anchorLogAbi, machineRegistryAbi } from '../../src/anchor/abi.ts'
import { Contract } from './contract.ts'
import { account, artifact, Evm, type Hex } from './evm.ts'
import { type Enrolment, type MachineKey, type Rotation, sha256, signEnrol, signRotate } from './machine-keys.ts'

export const owner: Hex = account(0x01)
export const stranger: Hex = account(0x03)
export const relayer: Hex = account(0x05)

/** Everything that a registry test starts from. */
export interface Fixture {
  readonly evm: Evm
  readonly log: Contract<typeof anchorLogAbi>
  readonly verifier: Hex
  readonly registry: Contract<typeof machineRegistryAbi>
  /** Ids of logs that have heads. */
  readonly home: Hex
  readonly nextHome: Hex
  readonly deadline: bigint
}

/** Deploys AnchorLog, the P-256 verifier and the registry. */
export async function deployAll(chainId?: number): Promise<Fixture> {
  const evm = await Evm.create(chainId)
  const logAddress = await evm.deploy(artifact('AnchorLog'))
  const log = new Contract(evm, anchorLogAbi, artifact('AnchorLog').abi, logAddress)
  const verifier = await evm.deploy(artifact('ERC7913P256Verifier'))
  const registry = await deployRegistry(evm, logAddress, verifier)
  const create = async (genesis: string) => {
    await log.send(owner, 'create', [sha256(genesis), relayer])
    return log.read('logIdOf', [owner, sha256(genesis)])
  }
  const [home, nextHome] = [await create('home'), await create('next home')]
  return { evm, log, verifier, registry, home, nextHome, deadline: evm.timestamp + 3_600n }
}

/** Another registry beside the first. */
export async function deployRegistry(evm: Evm, log: Hex, verifier: Hex): Promise<Contract<typeof machineRegistryAbi>> {
  const built = artifact('MachineRegistry')
  return new Contract(evm, machineRegistryAbi, built.abi, await evm.deploy(built, [log, verifier]))
}

/** Arguments of `enrol`. `signed` changes what the machine signs, `sent` what the relayer sends. */
export function enrolment(
  { evm, registry, verifier, home, deadline }: Fixture,
  key: MachineKey,
  signed: Partial<Enrolment> = {},
  sent: Partial<Enrolment> = {},
): readonly [Hex, Hex, Hex, bigint, Hex] {
  const words = { owner, homeLog: home, thumbprint: key.thumbprint, nonce: 0n, deadline, ...signed }
  const signature = signEnrol(key, { chainId: evm.chainId, registry: registry.address }, words)
  const { owner: receiver, homeLog, deadline: until } = { ...words, ...sent }
  return [concat([verifier, key.point]), receiver, homeLog, until, signature]
}

/** Arguments of `rotateKey` from one key to another, the old one valid below sequence 100. */
export function rotation(
  { evm, registry, verifier, deadline }: Fixture,
  machine: bigint,
  from: MachineKey,
  to: MachineKey,
  signed: Partial<Rotation> = {},
  retireOldAt = 100n,
): readonly [bigint, Hex, bigint, Hex, bigint, Hex] {
  const words = { machine, thumbprint: to.thumbprint, nonce: 0n, deadline, ...signed }
  const signature = signRotate(to, { chainId: evm.chainId, registry: registry.address }, words)
  return [machine, concat([verifier, to.point]), retireOldAt, from.thumbprint, words.deadline, signature]
}

/** What `keyOf` answers, with the given parts set. */
export function keyEntry(parts: Partial<KeyEntry> & { machine: bigint }): KeyEntry {
  return { fromBlock: 1_000, retiredSeq: 0, retiredBlock: 0, revokedBlock: 0, ...parts }
}

interface KeyEntry {
  readonly machine: bigint
  readonly fromBlock: number
  readonly retiredSeq: number
  readonly retiredBlock: number
  readonly revokedBlock: number
}
