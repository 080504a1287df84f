/** Parts of requests and answers that several routes share. */
import { FieldproofError, fromHex, type MachineId, machineId } from '@fieldproof/sdk/base'
import type { Context } from 'hono'
import { z } from 'zod'
import type { StoredLeaf } from '../ledger/store.ts'
import type { AppOptions } from './app-options.ts'

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

/** A statement of a machine as requests name it: `SEQUENCE`, or `SEQUENCE@INDEX` where a branch gave several of that sequence. */
export interface Position {
  readonly sequence: number
  /** Log index, when it is given. */
  readonly index: number | undefined
}

/** A {@link Position}. */
export const position: z.ZodType<Position> = z
  .string()
  .transform((text): unknown => text.split('@'))
  .pipe(z.union([z.tuple([ordinal]), z.tuple([ordinal, ordinal])], 'want SEQUENCE or SEQUENCE@INDEX'))
  .transform(([sequence, index]): Position => ({ sequence, index }))

/**
 * The statement of a machine at a position, if it is in a head that the log has signed.
 * @throws FieldproofError `not-found`, `not-anchored-yet` when no signed head has it, `request-invalid` when there are several
 */
export async function statementAt(
  { store, ledger }: Pick<AppOptions, 'store' | 'ledger'>,
  id: MachineId,
  { sequence, index }: Position,
): Promise<StoredLeaf> {
  const name = `statement ${sequence} of machine ${id}`
  const all = await store.leavesAt(id, sequence)
  const leaves = index === undefined ? all : all.filter((leaf) => leaf.index === index)
  const [leaf, ...others] = leaves.filter((l) => l.index < ledger.head.size)
  if (leaf === undefined) {
    if (leaves.length === 0) return missing(index === undefined ? name : `${name} at log index ${index}`)
    throw new FieldproofError('not-anchored-yet', `${name} is in no signed head of the log yet; ask again in a while`)
  }
  if (others.length === 0) return leaf
  const indexes = [leaf, ...others].map((l) => l.index).join(', ')
  throw new FieldproofError(
    'request-invalid',
    `machine ${id} signed several statements of sequence ${sequence}, at log indexes ${indexes}: name one as ${sequence}@${leaf.index}`,
  )
}

/** An answer of bytes. */
export function octets(c: Context, bytes: Uint8Array, headers: Readonly<Record<string, string>>): Response {
  return c.body(new Uint8Array(bytes), 200, { 'content-type': OCTETS, ...headers })
}

/** @throws FieldproofError `not-found`, always */
export function missing(what: string): never {
  throw new FieldproofError('not-found', `there is no ${what}`)
}
