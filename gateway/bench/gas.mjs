/**
 * Gas of whole transactions on osaka rules, in process, each beside the floor of its calldata under EIP-7623 (21000 + 40 a
 * non-zero byte + 10 a zero byte): no contract can be cheaper. Run alone it prints one row as JSON a line. All leaves of the
 * trees are equal, so a root depends only on the size and a million leaves take no time; keys and signatures come from labels,
 * so two runs give the same numbers.
 */
import { createECDH, createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { createBlock } from '@ethereumjs/block'
import { createCustomCommon, Hardfork, Mainnet } from '@ethereumjs/common'
import { createFeeMarket1559Tx } from '@ethereumjs/tx'
import { bytesToHex, createAddressFromPrivateKey, hexToBytes } from '@ethereumjs/util'
import { createVM, runTx } from '@ethereumjs/vm'
import { concat, encodeDeployData, encodeFunctionData, hashTypedData, keccak256, pad, toHex } from 'viem'
import { benchRow } from '../../scripts/bench/row.mjs'

const CHAIN_ID = 31337
const common = createCustomCommon({ chainId: CHAIN_ID }, Mainnet, { hardfork: Hardfork.Osaka })
const secret = new Uint8Array(32).fill(7)
const me = createAddressFromPrivateKey(secret).toString()
const deadline = 2n ** 40n

/** Most gas that a transaction may take, by the beginning of its row's name; the first that fits counts. */
const BUDGETS = [
  ['append 1 leaf, to 1000 ', 50_000],
  ['append 100 leaves, to 1000 ', 50_000],
  ['append worst case', 64_000],
  ['append', 60_000],
  ['create a log', 120_000],
  ['enrol', 175_000],
  ['rotate a key', 102_000],
  ['retire a key', 35_000],
  ['revoke a key', 35_000],
  ['move home', 72_000],
  ['retire a log', 58_000],
]

/** Every transaction that the contracts are used for, against the floor of its calldata; gas is exact, so the gate is the budget. */
export async function rows() {
  const chain = await createChain()
  const measured = [...(await measureAppends(chain)), ...(await measureRegistry(chain))]
  return measured.map(({ name, gas, floor }) => {
    const budget = BUDGETS.find(([start]) => name.startsWith(start))?.[1]
    if (budget === undefined) throw new Error(`no budget for "${name}"`)
    const target = budget / floor
    return benchRow({ name, value: gas, unit: 'gas', limit: floor, target, higherIsBetter: false, exact: true })
  })
}

async function measureAppends(chain) {
  const found = []
  for (const size of [1_000, 100_000, 1_000_000]) {
    found.push(await measureAppend(chain, `append 1 leaf, to ${size}`, size - 1, size))
    found.push(await measureAppend(chain, `append 100 leaves, to ${size}`, size - 100, size))
    const from = worstOlderSize(size)
    found.push(await measureAppend(chain, `append worst case, ${from} to ${size}`, from, size))
  }
  found.push(await measureAppend(chain, 'append worst case, 1048575 to 1048576', 2 ** 20 - 1, 2 ** 20))
  const sample = []
  for (let size = 900_100; size <= 1_000_000; size += 4_001) {
    sample.push(await measureAppend(chain, '', size - 100, size))
  }
  const mean = (key) => Math.round(sample.reduce((sum, row) => sum + row[key], 0) / sample.length)
  const name = `append 100 leaves, mean of ${sample.length} sizes from 900100 to 1000000`
  return [...found, { name, gas: mean('gas'), floor: mean('floor') }]
}

/** The older size whose proof to `size` has the most nodes, and among those the most that are hashed into both roots. */
function worstOlderSize(size) {
  let worst = { from: 1, cost: 0 }
  for (let from = 1; from < size; from++) {
    let [fn, sn] = [from - 1, size - 1]
    while (fn & 1) [fn, sn] = [fn >> 1, sn >> 1]
    let cost = fn === 0 ? 0 : 100
    for (; sn > 0; [fn, sn] = [fn >> 1, sn >> 1]) {
      const both = (fn & 1) === 1 || fn === sn
      cost += both ? 101 : 100
      while (both && (fn & 1) === 0 && fn > 0) [fn, sn] = [fn >> 1, sn >> 1]
    }
    if (cost > worst.cost) worst = { from, cost }
  }
  return worst.from
}

/** A log of its own contract, grown to `before` leaves unmeasured; the measured append takes it to `after`. */
async function measureAppend(chain, name, before, after) {
  const contract = await chain.deploy('AnchorLog', [])
  await chain.call('', contract, 'create', [toHex(rootOf(1)), me])
  const id = logIdOf(rootOf(1))
  const args = (from, to) => [id, BigInt(to), toHex(rootOf(to)), subproof(from, to, true).map((node) => toHex(node))]
  await chain.call('', contract, 'append', args(1, before))
  return chain.call(`${name} (${args(before, after)[3].length} nodes)`, contract, 'append', args(before, after))
}

async function measureRegistry(chain) {
  const anchorLog = await chain.deploy('AnchorLog', [])
  const [home, next] = [sha256('home'), sha256('next home')]
  const found = [await chain.call('create a log', anchorLog, 'create', [toHex(home), me])]
  await chain.call('', anchorLog, 'create', [toHex(next), me])
  const verifier = await chain.deploy('ERC7913P256Verifier', [])
  const registry = await chain.deploy('MachineRegistry', [anchorLog.address, verifier.address])
  const measure = async (name, functionName, args) => found.push(await chain.call(name, registry, functionName, args))

  const [first, second, third] = ['first', 'second', 'third'].map((label) => newKey(verifier, label))
  for (const [name, key] of [
    ['enrol, first machine of its owner', first],
    ['enrol, next machine', second],
  ]) {
    const message = { owner: me, homeLog: logIdOf(home), thumbprint: key.thumbprint, nonce: 0n, deadline }
    const signature = signTyped(key, registry, 'Enrol', ENROL_FIELDS, message)
    await measure(name, 'enrol', [key.signer, me, logIdOf(home), deadline, signature])
  }
  await measure('enrol, Ed25519, unproven', 'enrolUnproven', [toHex(sha256('ed25519')), logIdOf(home)])
  const { machine, thumbprint: old } = first
  const { thumbprint, signer } = third
  const signature = signTyped(third, registry, 'Rotate', ROTATE_FIELDS, { machine, thumbprint, nonce: 0n, deadline })
  await measure('rotate a key', 'rotateKey', [machine, signer, 1000n, old, deadline, signature])
  await measure('retire a key', 'retireKey', [thumbprint, 2000n])
  await measure('revoke a key', 'revokeKey', [thumbprint])
  await measure('move home', 'moveHome', [machine, logIdOf(next)])
  found.push(await chain.call('retire a log', anchorLog, 'retire', [logIdOf(home), 1n, logIdOf(next)]))
  return found
}

/** A chain with one account that signs everything. */
async function createChain() {
  const vm = await createVM({ common })
  let nonce = 0

  async function transact(to, data) {
    const header = {
      number: nonce + 1,
      timestamp: 1_800_000_000 + 12 * nonce,
      gasLimit: 60_000_000n,
      baseFeePerGas: 7n,
    }
    const fees = { gasLimit: 16_000_000n, maxFeePerGas: 10n, maxPriorityFeePerGas: 0n }
    const tx = createFeeMarket1559Tx({ chainId: CHAIN_ID, nonce, to, data, ...fees }, { common }).sign(secret)
    nonce++
    const result = await runTx(vm, { tx, block: createBlock({ header }, { common }), skipBalance: true })
    if (result.execResult.exceptionError) throw new Error(`reverted: ${bytesToHex(result.execResult.returnValue)}`)
    return result
  }

  return {
    async deploy(name, args) {
      const file = new URL(`../contracts/artifacts/${name}.json`, import.meta.url)
      const { abi, bytecode } = JSON.parse(readFileSync(file, 'utf8'))
      const { createdAddress } = await transact(undefined, encodeDeployData({ abi, bytecode, args }))
      return { abi, address: createdAddress.toString() }
    },
    async call(name, { abi, address }, functionName, args) {
      const data = encodeFunctionData({ abi, functionName, args })
      const { totalGasSpent } = await transact(address, data)
      return { name, gas: Number(totalGasSpent), floor: floorOf(data) }
    },
  }
}

function floorOf(data) {
  return hexToBytes(data).reduce((gas, byte) => gas + (byte === 0 ? 10 : 40), 21_000)
}

function sha256(...parts) {
  return parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest()
}

function logIdOf(genesisLeafHash) {
  return keccak256(concat([pad(me), toHex(genesisLeafHash)]))
}

/** Largest power of two below n. */
const split = (n) => 2 ** Math.ceil(Math.log2(n) - 1)

const roots = new Map([[1, sha256('leaf')]])
function rootOf(size) {
  if (!roots.has(size)) roots.set(size, sha256(Uint8Array.of(1), rootOf(split(size)), rootOf(size - split(size))))
  return roots.get(size)
}

/** RFC 9162 section 2.1.4.1, SUBPROOF(m, D_n, b). */
function subproof(m, n, whole) {
  if (m === n) return whole ? [] : [rootOf(m)]
  const k = split(n)
  return m <= k ? [...subproof(m, k, whole), rootOf(n - k)] : [...subproof(m - k, n - k, false), rootOf(k)]
}

const ENROL_FIELDS = {
  owner: 'address',
  homeLog: 'bytes32',
  thumbprint: 'bytes32',
  nonce: 'uint256',
  deadline: 'uint256',
}
const ROTATE_FIELDS = { machine: 'uint256', thumbprint: 'bytes32', nonce: 'uint256', deadline: 'uint256' }

/** x and y of scalar times the base point. */
function pointOf(scalar) {
  const ecdh = createECDH('prime256v1')
  ecdh.setPrivateKey(scalar)
  const point = ecdh.getPublicKey() // 04 || x || y
  return [point.subarray(1, 33), point.subarray(33)]
}

function newKey(verifier, label) {
  const scalar = sha256(label)
  const [x, y] = pointOf(scalar)
  const thumbprint = sha256(Buffer.from('a401022001215820', 'hex'), x, Buffer.from('225820', 'hex'), y)
  return {
    scalar,
    thumbprint: toHex(thumbprint),
    machine: BigInt(toHex(thumbprint.subarray(0, 16))),
    signer: concat([verifier.address, toHex(x), toHex(y)]),
  }
}

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

/** r || s with s in the lower half, over SHA-256 of the EIP-712 digest; the nonce is a hash of key and digest. */
function signTyped({ scalar }, registry, primaryType, fields, message) {
  const types = { [primaryType]: Object.entries(fields).map(([name, type]) => ({ name, type })) }
  const domain = {
    name: 'Fieldproof MachineRegistry',
    version: '1',
    chainId: CHAIN_ID,
    verifyingContract: registry.address,
  }
  const hash = sha256(hexToBytes(hashTypedData({ domain, types, primaryType, message })))
  const nonce = sha256(scalar, hash)
  const r = BigInt(toHex(pointOf(nonce)[0])) % ORDER
  const s = (inverse(BigInt(toHex(nonce))) * (BigInt(toHex(hash)) + r * BigInt(toHex(scalar)))) % ORDER
  return concat([toHex(r, { size: 32 }), toHex(s > ORDER / 2n ? ORDER - s : s, { size: 32 })])
}

/** a^(ORDER - 2), which is 1 / a. */
function inverse(a) {
  let result = 1n
  for (let base = a % ORDER, rest = ORDER - 2n; rest > 0n; rest >>= 1n, base = (base * base) % ORDER) {
    if (rest & 1n) result = (result * base) % ORDER
  }
  return result
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const row of await rows()) console.log(JSON.stringify(row))
}
