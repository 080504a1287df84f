/** CAIP-2 names of EVM chains: `eip155:<chain id>`. */
import { FieldproofError } from '../base/index.ts'

/** CAIP-2 name of a chain id. */
export function caip2Of(chainId: number): string {
  return `eip155:${chainId}`
}

/** Chain id of a CAIP-2 name. @throws FieldproofError `out-of-range` unless `eip155:<decimal>` */
export function chainIdOf(caip2: string): number {
  const digits = /^eip155:([1-9][0-9]{0,15})$/.exec(caip2)?.[1]
  const id = Number(digits ?? Number.NaN)
  if (!Number.isSafeInteger(id)) throw new FieldproofError('out-of-range', 'want a chain as eip155:<chain id>')
  return id
}
