/** Fetches one proof over HTTP as a stranger would, writes it with its trust file, and verifies what was written. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { FieldproofError, fromHex, type MachineId } from '@fieldproof/sdk/base'
import { nativeHash, nativeSuites } from '@fieldproof/sdk/native'
import { httpRpc } from '@fieldproof/sdk/node'
import { type Report, verifyBundle } from '@fieldproof/sdk/verify'
import type { DemoListener } from './events.ts'

/** What the proof is of, and whom its verifier trusts. */
export interface ProofRequest {
  readonly dir: string
  readonly httpUrl: string
  readonly machine: MachineId
  readonly sequence: number
  readonly row: number
  readonly rpc: string
  readonly chainId: number
  /** `0x` hex. */
  readonly registry: string
}

/** @throws FieldproofError when the gateway does not give the proof */
export async function firstProof(request: ProofRequest, emit: DemoListener): Promise<Report> {
  const { dir, rpc, chainId, registry } = request
  const proof = join(dir, 'proof.fpproof')
  const trust = join(dir, 'trust.json')
  const bytes = await fetchProof(request)
  await writeFile(proof, bytes)
  await writeFile(trust, `${JSON.stringify({ rpc, chainId, registry }, null, 2)}\n`)
  emit({ event: 'proof-written', proof, trust, sizeBytes: bytes.length })
  return await verifyBundle(await readFile(proof), {
    trust: { registry: fromHex(registry), chainId },
    rpc: httpRpc(rpc),
    engines: { hash: nativeHash, suites: nativeSuites },
  })
}

async function fetchProof({ httpUrl, machine, sequence, row }: ProofRequest): Promise<Uint8Array> {
  const query = new URLSearchParams({ machine, sequence: String(sequence), row: String(row) })
  const response = await fetch(`${httpUrl}/v1/proof?${query}`)
  if (response.ok) return new Uint8Array(await response.arrayBuffer())
  throw new FieldproofError('link-failed', `the gateway gave no proof: ${response.status} ${await response.text()}`)
}
