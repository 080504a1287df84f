/** Parts of requests and answers that several routes share. */
import { FieldproofError, fromHex, type MachineId, machineId } from '@fieldproof/sdk/base'
import type { Context } from 'hono'
import { z } from 'zod'
import type { Store, StoredLeaf } from '../ledger/store.ts'

const OCTETS = 'application/octet-stream'

/** A whole number of at most 15 digits. */
export const count: z.ZodType<number> = z
  .string()
  .regex(/^\d{1,15}$/, 'want a whole number')
  .transform(Number)

/** A whole number from 1 on. */
export const ordinal: z.ZodType<number> = count.pipe(z.number().min(1))

/** A machine id. */
export const machine: z.ZodType<MachineId> = z.string().transform((text, issues) => {
  try {
    return machineId(text)
  } catch {
    issues.addIssue({ code: 'custom', message: 'want a machine id: 26 characters of base32' })
    return z.NEVER
  }
})

/** Hex of one of these lengths. @param bytes lengths in bytes */
export function hex(bytes: readonly number[]): z.ZodType<Uint8Array> {
  return z
    .string()
    .regex(
      new RegExp(`^(0x)?(${bytes.map((n) => `[0-9a-fA-F]{${2 * n}}`).join('|')})$`),
      `want ${bytes.join(' or ')} bytes in hex`,
    )
    .transform((text): Uint8Array => fromHex(text))
}

/** The first logged statement of a machine with that sequence. @throws FieldproofError `not-found` */
export async function statementAt(store: Store, id: MachineId, sequence: number): Promise<StoredLeaf> {
  return (await store.leavesAt(id, sequence))[0] ?? missing(`statement ${sequence} of machine ${id}`)
}

/** An answer of bytes. */
export function octets(c: Context, bytes: Uint8Array, headers: Readonly<Record<string, string>>): Response {
  return c.body(new Uint8Array(bytes), 200, { 'content-type': OCTETS, ...headers })
}

/** @throws FieldproofError `not-found`, always */
export function missing(what: string): never {
  throw new FieldproofError('not-found', `there is no ${what}`)
}
