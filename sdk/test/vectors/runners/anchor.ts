/** anchor.json: log ids, events, storage slots and what a machine signs to be enrolled. */
import { concat, FieldproofError, type Hash32, hash32, toHex, utf8 } from '../../../src/base/index.ts'
import { decodeCoseKey, thumbprint } from '../../../src/crypto/index.ts'
import {
  enrolmentDigest,
  headOfSlots,
  headSlots,
  homeSlot,
  keccak256,
  keySlot,
  logIdOf,
  readTreeHead,
  wordOf,
} from '../../../src/evm/index.ts'
import { homeEntryOfSlot, keyEntryOfSlot } from '../../../src/evm/slots.ts'
import { leafHash } from '../../../src/merkle/index.ts'
import { allBytesOf, bytesOf, type Case, type Context, numberOf, type Outputs, type Runner } from '../runner.ts'

/** Runs anchor.json. */
export const anchorRunner: Runner = {
  readers: {
    'log-id': {
      given: ['owner', 'genesis'],
      read: (item, { hash }) => {
        const genesis = leafHash(hash, bytesOf(item['genesis']))
        return { genesisLeafHash: toHex(genesis), logId: toHex(logIdOf(bytesOf(item['owner']), genesis)) }
      },
    },
    'tree-head': {
      given: ['topics', 'data'],
      read: (item) => {
        const head = readTreeHead(allBytesOf(item['topics']), bytesOf(item['data']))
        return { logId: head && toHex(head.logId), size: head?.size, root: head && toHex(head.root) }
      },
    },
    'log-slots': { given: ['logId'], read: readLogSlots },
    'key-slot': { given: ['thumbprint', 'value'], read: readKeySlot },
    'home-slot': { given: ['machine', 'logId', 'value'], read: readHomeSlot },
    enrol: { given: ['chainId', 'registry', 'deadline', 'owner', 'homeLog', 'key', 'nonce', 'signature'], read: enrol },
    rotate: { given: ['chainId', 'registry', 'deadline', 'machine', 'key', 'nonce', 'signature'], read: rotate },
  },
}

interface SlotJson {
  readonly slot: string
  readonly value: string
}

/** A verifier has no use for the last good size, so it is read from nowhere: the vector's word has to be taken for it. */
function readLogSlots(item: Case): Outputs {
  const [rootWord, headWord] = (item['slots'] as readonly SlotJson[]).map(({ value }) => bytesOf(value))
  if (rootWord === undefined || headWord === undefined) throw new Error('want two slots')
  const { root, ...head } = headOfSlots(rootWord, headWord)
  const { lastGoodSize } = item['head'] as { lastGoodSize: number }
  const slots = headSlots(hash32(bytesOf(item['logId'])))
  return {
    head: { ...head, root: toHex(root), lastGoodSize },
    slots: [rootWord, headWord].map((value, i) => ({ slot: toHex(slots[i]!), value: toHex(value) })),
  }
}

function readKeySlot(item: Case): Outputs {
  const entry = keyEntryOfSlot(bytesOf(item['value']))
  return {
    slot: toHex(keySlot(hash32(bytesOf(item['thumbprint'])))),
    entry: {
      machine: toHex(entry.machine),
      fromBlock: entry.fromBlock,
      retiredSeq: entry.retiredSequence,
      retiredBlock: entry.retiredBlock,
      revokedBlock: entry.revokedBlock,
    },
  }
}

function readHomeSlot(item: Case): Outputs {
  const home = homeEntryOfSlot(bytesOf(item['value']))
  return {
    slot: toHex(homeSlot(bytesOf(item['machine']), hash32(bytesOf(item['logId'])))),
    home: { since: home.sinceBlock, until: home.untilBlock },
  }
}

function enrol(item: Case, context: Context): Promise<Outputs> {
  const digest = enrolmentDigest({
    chainId: numberOf(item['chainId']),
    registry: bytesOf(item['registry']),
    owner: bytesOf(item['owner']),
    homeLog: hash32(bytesOf(item['homeLog'])),
    thumbprint: thumbprintOf(item, context),
    nonce: numberOf(item['nonce']),
    deadline: numberOf(item['deadline']),
  })
  return signedDigest(item, digest, context)
}

const DOMAIN = 'EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)'
const ROTATE = 'Rotate(uint256 machine,bytes32 thumbprint,uint256 nonce,uint256 deadline)'

/** No part of the SDK rotates keys yet, so the digest is put together here; its parts are the SDK's. */
function rotate(item: Case, context: Context): Promise<Outputs> {
  const text = (value: string): Hash32 => keccak256(utf8(value))
  const number = (field: string): Uint8Array => {
    const word = new Uint8Array(32)
    new DataView(word.buffer).setBigUint64(24, BigInt(numberOf(item[field])))
    return word
  }
  const names = concat(text(DOMAIN), text('Fieldproof MachineRegistry'), text('1'))
  const domain = keccak256(concat(names, number('chainId'), wordOf(bytesOf(item['registry']))))
  const machine = wordOf(bytesOf(item['machine']))
  const terms = concat(text(ROTATE), machine, thumbprintOf(item, context), number('nonce'), number('deadline'))
  return signedDigest(item, keccak256(concat(Uint8Array.of(0x19, 0x01), domain, keccak256(terms))), context)
}

function thumbprintOf(item: Case, { hash, suites }: Context): Hash32 {
  return thumbprint(decodeCoseKey(bytesOf(item['key']), suites), hash)
}

async function signedDigest(item: Case, digest: Hash32, { hash, suites }: Context): Promise<Outputs> {
  const key = decodeCoseKey(bytesOf(item['key']), suites)
  const good = await suites(key.alg)?.verify(key.publicKey, digest, bytesOf(item['signature']))
  if (good !== true) throw new FieldproofError('bad-signature', 'not signed by its key')
  return { digest: toHex(digest), signedHash: toHex(hash.sha256(digest)) }
}
