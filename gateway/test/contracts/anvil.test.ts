/** The happy path once more against a real node, over JSON-RPC: what eth_getProof shows is what the layout promises. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import {
  type Address,
  concat,
  createTestClient,
  type Hex,
  http,
  keccak256,
  numberToHex,
  type PublicActions,
  pad,
  publicActions,
  slice,
  type TestClient,
  type WalletActions,
  walletActions,
} from 'viem'
import { anvil } from 'viem/chains'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  ANCHOR_LOG_LOGS_SLOT,
  ANCHOR_LOG_TREE_HEAD_TOPIC,
  REGISTRY_ANCHOR_LOG_SLOT,
  REGISTRY_HOMES_SLOT,
  REGISTRY_KEYS_SLOT,
} from '../../../sdk/src/evm/abi-constants.ts'
import { anchorLogAbi, machineRegistryAbi } from '../../src/anchor/abi.ts'
import { artifact } from './evm.ts'
import { machineKey, sha256, signEnrol } from './machine-keys.ts'
import { ReferenceTree } from './reference-tree.ts'

/** The binary of the optional package, for this platform; undefined where npm installed none. */
function anvilBinary(): string | undefined {
  const name = `@foundry-rs/anvil-${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`
  try {
    const binary = createRequire(import.meta.url)
      .resolve(`${name}/package.json`)
      .replace('package.json', 'bin/anvil')
    return existsSync(binary) ? binary : undefined
  } catch {
    return undefined
  }
}

const binary = anvilBinary()
if (binary === undefined)
  console.warn('anvil.test.ts is skipped: @foundry-rs/anvil has no binary for this platform here')

/** Starts anvil on a free port; its URL. */
function start(node: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    node.once('error', reject)
    node.once('exit', (code) => reject(new Error(`anvil ended with ${code}`)))
    createInterface({ input: node.stdout! }).on('line', (line) => {
      const port = /^Listening on .*:(\d+)$/.exec(line)?.[1]
      if (port !== undefined) resolve(`http://127.0.0.1:${port}`)
    })
  })
}

describe.skipIf(binary === undefined)('on anvil', () => {
  let node: ChildProcess
  let client: TestClient & PublicActions & WalletActions
  let owner: Address

  beforeAll(async () => {
    node = spawn(binary!, ['--port', '0', '--hardfork', 'osaka'], { stdio: ['ignore', 'pipe', 'inherit'] })
    const transport = http(await start(node))
    client = createTestClient({ mode: 'anvil', chain: anvil, transport, pollingInterval: 20 })
      .extend(publicActions)
      .extend(walletActions)
    ;[owner] = (await client.getAddresses()) as [Address]
  })

  afterAll(() => {
    node?.kill()
  })

  async function mined(hash: Hex) {
    const receipt = await client.waitForTransactionReceipt({ hash })
    expect(receipt.status).toBe('success')
    return receipt
  }

  async function deploy(name: Parameters<typeof artifact>[0], args: readonly unknown[] = []): Promise<Address> {
    const { abi, bytecode } = artifact(name)
    const { contractAddress } = await mined(
      await client.deployContract({ abi, bytecode, args, account: owner, chain: anvil }),
    )
    return contractAddress!
  }

  /** Values of slots as eth_getProof shows them at the newest block. */
  async function proven(address: Address, ...storageKeys: Hex[]): Promise<bigint[]> {
    const proof = await client.getProof({ address, storageKeys })
    expect(proof.storageProof.every((slot) => slot.proof.length > 0)).toBe(true)
    return proof.storageProof.map(({ value }) => value)
  }

  it('a log and a machine can be made, and storage proofs show them at the documented slots', async () => {
    const tree = new ReferenceTree()
    const key = machineKey('anvil machine')
    const log = await deploy('AnchorLog')
    const verifier = await deploy('ERC7913P256Verifier')
    const registry = await deploy('MachineRegistry', [log, verifier])
    const sender = { account: owner, chain: anvil }

    const genesis = tree.root(1n)
    const createWords = { address: log, abi: anchorLogAbi, functionName: 'create', args: [genesis, owner] } as const
    await mined(await client.writeContract({ ...createWords, ...sender }))
    const logId = keccak256(concat([pad(owner), genesis]))

    const deadline = 2n ** 40n
    const words = { owner, homeLog: logId, thumbprint: key.thumbprint, nonce: 0n, deadline }
    const signature = signEnrol(key, { chainId: anvil.id, registry }, words)
    const enrolWords = { address: registry, abi: machineRegistryAbi, functionName: 'enrol' } as const
    const args = [concat([verifier, key.point]), owner, logId, deadline, signature] as const
    const enrolled = await mined(await client.writeContract({ ...enrolWords, args, ...sender }))

    const growth = [logId, 1_000n, tree.root(1_000n), tree.consistency(1n, 1_000n)] as const
    const appendWords = { address: log, abi: anchorLogAbi, functionName: 'append', args: growth } as const
    const appended = await mined(await client.writeContract({ ...appendWords, ...sender }))
    expect(appended.logs[0]?.topics).toEqual([ANCHOR_LOG_TREE_HEAD_TOPIC, logId])
    expect(appended.logs[0]?.data).toBe(concat([numberToHex(1_000n, { size: 32 }), tree.root(1_000n)]))

    const { timestamp } = await client.getBlock({ blockNumber: appended.blockNumber })
    const start = BigInt(keccak256(concat([logId, numberToHex(ANCHOR_LOG_LOGS_SLOT, { size: 32 })])))
    const [root, head] = await proven(log, numberToHex(start, { size: 32 }), numberToHex(start + 1n, { size: 32 }))
    expect(root).toBe(BigInt(tree.root(1_000n)))
    expect(head).toBe(1_000n | (timestamp << 64n) | (appended.blockNumber << 128n))

    const under = (id: Hex, slot: Hex) => keccak256(concat([id, slot]))
    const slot = (number: number) => numberToHex(number, { size: 32 })
    const machineSlot = under(numberToHex(key.machine, { size: 32 }), slot(REGISTRY_HOMES_SLOT))
    const [anchorLog, entry, home] = await proven(
      registry,
      slot(REGISTRY_ANCHOR_LOG_SLOT),
      under(key.thumbprint, slot(REGISTRY_KEYS_SLOT)),
      under(logId, machineSlot),
    )
    expect(anchorLog).toBe(BigInt(log))
    expect(entry).toBe(BigInt(slice(key.thumbprint, 0, 16)) | (enrolled.blockNumber << 128n))
    expect(home).toBe(enrolled.blockNumber)

    const readWords = {
      address: registry,
      abi: machineRegistryAbi,
      functionName: 'keyOf',
      args: [key.thumbprint],
    } as const
    expect(await client.readContract(readWords)).toEqual({
      machine: key.machine,
      fromBlock: Number(enrolled.blockNumber),
      retiredSeq: 0,
      retiredBlock: 0,
      revokedBlock: 0,
    })
    expect(sha256(concat(['0xa401022001215820', slice(key.point, 0, 32), '0x225820', slice(key.point, 32)]))).toBe(
      key.thumbprint,
    )
  })
})
