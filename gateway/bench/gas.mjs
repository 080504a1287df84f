/**
 * Gas of whole transactions on osaka rules, in process. Run alone it prints one JSON row {name, gas, floor} a line;
 * `floor` is what the calldata alone costs under EIP-7623 (21000 + 40 a non-zero byte + 10 a zero byte): no contract can
 * be cheaper. All leaves of the trees are equal, so a root depends only on the size and a million leaves take no time.
 */
import { createHash, generateKeyPairSync, sign } from 'node:crypto'
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

/** What `npm run bench` shows: appends against the budget. Gas is exact, so the gate is the budget. */
export async function rows() {
  const measured = await measureAll()
  return measured
    .filter(({ name }) => name.startsWith('append'))
    .map(({ name, gas }) => {
      const budget = name.includes('worst case') ? 64_000 : 60_000
      return benchRow({ name, value: gas, unit: 'gas', limit: budget, target: 1, higherIsBetter: false, exact: true })
    })
}

/** Every transaction that the contracts are used for. */
async function measureAll() {
  const chain = await createChain()
  return [...(await measureAppends(chain)), ...(await measureRegistry(chain))]
}

async function measureAppends(chain) {
  const found = []
  for (const size of [1_000, 100_000, 1_000_000]) {
    found.push(await measureAppend(chain, `append 1 leaf, to ${size}`, size - 1, size))
    found.push(await measureAppend(chain, `append 100 leaves, to ${size}`, size - 100, size))
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

  const [first, second, third] = [newKey(verifier), newKey(verifier), newKey(verifier)]
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
  await measure('rotate a key', 'rotateKey', [machine, signer, 1000, old, deadline, signature])
  await measure('retire a key', 'retireKey', [thumbprint, 2000])
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

function newKey(verifier) {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const jwk = publicKey.export({ format: 'jwk' })
  const [x, y] = [Buffer.from(jwk.x, 'base64url'), Buffer.from(jwk.y, 'base64url')]
  const thumbprint = sha256(Buffer.from('a401022001215820', 'hex'), x, Buffer.from('225820', 'hex'), y)
  return {
    privateKey,
    thumbprint: toHex(thumbprint),
    machine: BigInt(toHex(thumbprint.subarray(0, 16))),
    signer: concat([verifier.address, toHex(x), toHex(y)]),
  }
}

/** r || s with s in the lower half, over SHA-256 of the EIP-712 digest. */
function signTyped({ privateKey }, registry, primaryType, fields, message) {
  const types = { [primaryType]: Object.entries(fields).map(([name, type]) => ({ name, type })) }
  const domain = {
    name: 'Fieldproof MachineRegistry',
    version: '1',
    chainId: CHAIN_ID,
    verifyingContract: registry.address,
  }
  const digest = hexToBytes(hashTypedData({ domain, types, primaryType, message }))
  const signature = sign('sha256', digest, { key: privateKey, dsaEncoding: 'ieee-p1363' })
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
  const s = BigInt(toHex(signature.subarray(32)))
  return concat([toHex(signature.subarray(0, 32)), toHex(s > order / 2n ? order - s : s, { size: 32 })])
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const row of await measureAll()) console.log(JSON.stringify(row))
}
