/** A gateway's parts in memory, from the vectors alone, so that a run can be repeated byte for byte. */
import { createPrivateKey } from 'node:crypto'
import { fromHex, hash32, type MachineId, machineIdOf, toHex } from '@fieldproof/sdk/base'
import { decodeCoseKey, thumbprint } from '@fieldproof/sdk/crypto'
import { nativeHash, nativeSuites } from '@fieldproof/sdk/native'
import { decodeBirth } from '@fieldproof/sdk/wire'
import { vectorCases } from '../../../sdk/test/fuzz/vectors.ts'
import { signerOf } from '../../src/config/log-key.ts'
import { type BatchContext, checkBatch } from '../../src/ingest/check-batch.ts'
import { type KeyDirectory, openKeyDirectory } from '../../src/ingest/key-directory.ts'
import { everyKeyEnrolled } from '../../src/ingest/key-registry.ts'
import { type Ledger, MemoryStore, openLedger } from '../../src/ledger/index.ts'
import type { LogSigner } from '../../src/ledger/log-signer.ts'

/** PKCS#8 around an Ed25519 seed. */
const PKCS8 = '302e020100300506032b657004220420'
export const LOG_KEY_PEM: string = createPrivateKey({
  key: Buffer.from(PKCS8 + '07'.repeat(32), 'hex'),
  format: 'der',
  type: 'pkcs8',
})
  .export({ type: 'pkcs8', format: 'pem' })
  .toString()

export const CHAIN = {
  chainId: 31_337,
  caip2: 'eip155:31337',
  registry: new Uint8Array(20).fill(0xaa),
  anchorLog: new Uint8Array(20).fill(0xbb),
  logId: hash32(new Uint8Array(32).fill(0xcc)),
}
/** Receipt of every message, ms since 1970. */
export const RECEIVED_AT = 1_767_226_000_000

/** What a gateway checks with. */
export interface Place {
  readonly store: MemoryStore
  readonly ledger: Ledger
  readonly directory: KeyDirectory
  readonly context: BatchContext
  /** The machine of the vectors' births and batches. */
  readonly machine: MachineId
}

/** A place whose machine is born, with the first valid batch of the vectors in its log. */
export async function makePlace(): Promise<Place> {
  const signer: LogSigner = signerOf(createPrivateKey(LOG_KEY_PEM))
  const store = new MemoryStore()
  const { caip2, anchorLog } = CHAIN
  const genesis = { origin: 'example.org/log', logKey: signer.publicKey, caip2, anchorLog, predecessor: null }
  const ledger = await openLedger({ store, hash: nativeHash, signer, genesis, create: true })
  const directory = await openDirectory(store)
  const machine = await announceAll(directory)
  const { keyFor, definitionOf } = directory
  const context: BatchContext = {
    hash: nativeHash,
    suites: nativeSuites,
    keyFor: keyFor.bind(directory),
    definitionOf: definitionOf.bind(directory),
  }
  for (const c of vectorCases('batch')
    .filter(({ valid }) => valid)
    .slice(0, 1)) {
    await ledger.append(await checkBatch(fromHex(String(c['message'])), machine, context, RECEIVED_AT))
  }
  return { store, ledger, directory, context, machine }
}

/** A directory in which every key counts as enrolled. */
export function openDirectory(store: MemoryStore): Promise<KeyDirectory> {
  return openKeyDirectory({
    store,
    registry: everyKeyEnrolled,
    homeLog: null,
    hash: nativeHash,
    suites: nativeSuites,
    now: () => 0,
    refreshMs: 1_000_000,
    retryMs: 0,
    onFault: (error) => {
      throw error
    },
  })
}

/** Announces every valid birth of the vectors; the machine of the last. */
async function announceAll(directory: KeyDirectory): Promise<MachineId> {
  let machine: MachineId | undefined
  const wanted = String(vectorCases('statement')[0]?.['kid'])
  for (const message of births()) {
    const print = thumbprint(decodeCoseKey(decodeBirth(message).key, nativeSuites), nativeHash)
    await directory.announce(machineIdOf(print), message)
    if (toHex(print).startsWith(wanted)) machine = machineIdOf(print)
  }
  if (machine === undefined) throw new Error('no birth of the machine of the batches')
  return machine
}

/** Valid birth messages of the vectors. */
export function births(): Uint8Array[] {
  return vectorCases('messages').flatMap((c) => (c.valid && c['kind'] === 'birth' ? [fromHex(String(c['bytes']))] : []))
}
