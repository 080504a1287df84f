/** A program of a user on the pure layers: it has neither Node's types nor the DOM's, as in a worker or on another engine. */
import {
  type FieldproofError,
  fieldproofErrorOf,
  fromHex,
  type MachineId,
  machineId,
  toHex,
} from '@fieldproof/sdk/base'
import { type Hash, pureHash, pureSuites } from '@fieldproof/sdk/crypto'
import { caip2Of, type Rpc } from '@fieldproof/sdk/evm'
import { leafHash, rootOf } from '@fieldproof/sdk/merkle'
import { type Report, type VerifyOptions, verifyBundle } from '@fieldproof/sdk/verify'
import { parseTopic, type TopicName, topicOf } from '@fieldproof/sdk/wire'

export function topicOfText(machine: string, name: TopicName): string {
  const id: MachineId = machineId(machine)
  return parseTopic(topicOf(id, name)).machine
}

export function rootOfTexts(texts: readonly string[], hash: Hash = pureHash): string {
  return toHex(
    rootOf(
      hash,
      texts.map((text) => leafHash(hash, fromHex(text))),
    ),
  )
}

export async function verdictOf(bundle: Uint8Array, registry: string, rpc: Rpc): Promise<Report['verdict']> {
  const options: VerifyOptions = {
    trust: { registry: fromHex(registry), chainId: 1 },
    rpc,
    engines: { hash: pureHash, suites: pureSuites },
  }
  return (await verifyBundle(bundle, options)).verdict
}

export function codeOf(error: unknown): FieldproofError['code'] | undefined {
  return fieldproofErrorOf(error)?.code
}

// @ts-expect-error the types are not lost on the way: not every text is the id of a machine
export const notAnId: MachineId = caip2Of(1)
