/** schemas/vectors/batch.json and sealed.json through the gateway's own check (BATCH-40): the refusals that machines see. */
import { readFileSync } from 'node:fs'
import { FieldproofError, fromHex, type Hash32, machineId, toHex } from '@fieldproof/sdk/base'
import { decodeCoseKey, decodeStatement, encodeCoseKey, thumbprint } from '@fieldproof/sdk/crypto'
import { definitionHash } from '@fieldproof/sdk/merkle'
import { nativeHash, nativeSuites } from '@fieldproof/sdk/native'
import { decodeBatch, decodeDefinition } from '@fieldproof/sdk/wire'
import { describe, expect, it } from 'vitest'
import { type BatchContext, checkBatch } from '../../src/ingest/check-batch.ts'
import { refusalOf } from '../../src/ingest/refusal.ts'
import { START_MS } from '../gateway/machine-kit.ts'

interface Case {
  readonly name: string
  readonly valid: boolean
  readonly error?: string
  readonly message: string
}

interface File {
  readonly keys: readonly string[]
  readonly definitions: readonly string[]
  readonly cases: readonly Case[]
}

function load(name: string): File {
  const url = new URL(`../../../schemas/vectors/${name}.json`, import.meta.url)
  const file = JSON.parse(readFileSync(url, 'utf8')) as File & { key: string; definition: string }
  return { keys: file.keys ?? [file.key], definitions: file.definitions ?? [file.definition], cases: file.cases }
}

/** What only the recipient can find: the gateway logs such a batch. */
const FOUND_BY_OPENING = [
  'a bit of the box changed',
  'another ephemeral key',
  'box of another key',
  'not a recipient',
  'signed body holds other rows than the root',
  'signed body holds a row less',
  'signed body that is not columns',
]

function contextOf({ keys, definitions }: File): BatchContext {
  const known = keys.map((bytes) => decodeCoseKey(fromHex(bytes), nativeSuites))
  return {
    hash: nativeHash,
    suites: nativeSuites,
    keyFor: async (kid, machine) => {
      const publicKey = known.find((key) => toHex(thumbprint(key, nativeHash)).startsWith(toHex(kid)))
      if (publicKey === undefined) throw new FieldproofError('unknown-key', 'nobody enrolled it')
      const print = thumbprint(publicKey, nativeHash)
      const coseKey = encodeCoseKey(publicKey)
      return { thumbprint: print, machine, coseKey, publicKey, retiredSequence: 0, revoked: false }
    },
    definitionOf: async (hash: Hash32) => {
      const bytes = definitions.map(fromHex).find((one) => toHex(definitionHash(nativeHash, one)) === toHex(hash))
      return bytes === undefined ? null : decodeDefinition(bytes)
    },
  }
}

/** The machine that the message names, or any when it names none. */
function topicOf(message: Uint8Array): ReturnType<typeof machineId> {
  try {
    return decodeStatement(decodeBatch(message).statement, nativeHash).statement.machine
  } catch {
    return machineId('a'.repeat(26))
  }
}

describe.each(['batch', 'sealed'])('%s.json', (name) => {
  const file = load(name)
  const context = contextOf(file)
  it.each(file.cases.map((c) => [c.name, c] as const))('%s', async (_name, c) => {
    const message = fromHex(c.message)
    const outcome = await checkBatch(message, topicOf(message), context, START_MS).then(
      (entry) => entry.rowCount > 0,
      (error: unknown) => refusalOf(error)?.code ?? error,
    )
    expect(outcome).toEqual(c.valid || FOUND_BY_OPENING.includes(c.name) ? true : c.error)
  })
})
