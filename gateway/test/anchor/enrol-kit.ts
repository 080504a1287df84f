/** Machines of tests in a real registry: enrolled by relay, their keys rotated by the owner. */
import { sign } from 'node:crypto'
import { concat, type Hash32, toHex } from '@fieldproof/sdk/base'
import { normalizeS } from '@fieldproof/sdk/crypto'
import { enrolmentDigest } from '@fieldproof/sdk/evm'
import { encodeFunctionData, hashTypedData, hexToBytes } from 'viem'
import { machineRegistryAbi } from '../../src/anchor/abi.ts'
import { accountOf } from '../../src/anchor/accounts.ts'
import { relayEnrol } from '../../src/anchor/enrol.ts'
import { fetchNonce, fetchVerifier } from '../../src/anchor/registry.ts'
import { transact } from '../../src/anchor/transact.ts'
import type { TestMachine } from '../gateway/machine-kit.ts'
import { type AnvilKit, OPERATOR, RELAY } from './anvil-kit.ts'

const DEADLINE = 4_000_000_000
const OWNER = accountOf(OPERATOR).address
const hex = (bytes: Uint8Array): `0x${string}` => `0x${toHex(bytes)}`

/** Enrols a machine's first key (P-256) for the operator, who also owns the logs. */
export async function enrolOnChain(kit: AnvilKit, machine: TestMachine, homeLog: Hash32): Promise<void> {
  const { chainId, url } = kit.chain
  const { registry } = kit.contracts
  const terms = { owner: OWNER, homeLog, deadline: DEADLINE }
  const digest = enrolmentDigest({ chainId, registry, thumbprint: machine.thumbprint, nonce: 0, ...terms })
  const { publicKey } = machine.key
  const signature = signP256(machine, digest)
  await relayEnrol({ rpcUrl: url, privateKey: RELAY, registry }, { publicKey, signature, ...terms })
}

/** Retires a machine's key from a sequence on, and puts another in its place. */
export async function rotateOnChain(
  kit: AnvilKit,
  machine: TestMachine,
  next: TestMachine,
  retireOldAt: number,
): Promise<void> {
  const { registry } = kit.contracts
  const number = machine.thumbprint.slice(0, 16)
  const rotation = {
    machine: BigInt(hex(number)),
    thumbprint: hex(next.thumbprint),
    nonce: await fetchNonce(kit.rpc, registry, number),
    deadline: BigInt(DEADLINE),
  }
  const { chainId } = kit.chain
  const domain = { name: 'Fieldproof MachineRegistry', version: '1', chainId, verifyingContract: hex(registry) }
  const types = {
    Rotate: [
      { name: 'machine', type: 'uint256' },
      { name: 'thumbprint', type: 'bytes32' },
      { name: 'nonce', type: 'uint256' },
      { name: 'deadline', type: 'uint256' },
    ],
  } as const
  const digest = hexToBytes(hashTypedData({ domain, types, primaryType: 'Rotate', message: rotation }))
  const signer = concat(await fetchVerifier(kit.rpc, registry), next.key.publicKey)
  const data = encodeFunctionData({
    abi: machineRegistryAbi,
    functionName: 'rotateKey',
    args: [
      rotation.machine,
      hex(signer),
      BigInt(retireOldAt),
      hex(machine.thumbprint),
      rotation.deadline,
      hex(signP256(next, digest)),
    ],
  })
  const call = { to: registry, data: hexToBytes(data), abi: machineRegistryAbi }
  await transact(kit.rpc, accountOf(OPERATOR), chainId, call, 60_000)
}

/** r and s over SHA-256 of the message, s low. */
function signP256(machine: TestMachine, message: Uint8Array): Uint8Array {
  return normalizeS(new Uint8Array(sign('sha256', message, { key: machine.privateKey, dsaEncoding: 'ieee-p1363' })))
}
