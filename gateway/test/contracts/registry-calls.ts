/** The calls of MachineRegistry as what they mean; a signature is here what it says, and `encode` makes the bytes of it. */
import { concat, type Hex } from 'viem'
import {
  type Enrolment,
  enrolDigest,
  type MachineKey,
  otherS,
  type Place,
  type Rotation,
  rotateDigest,
  signDigest,
  signHash,
} from './machine-keys.ts'

/** How a signature is made or written; only the first is right. */
export type Form = 'good' | 'of the bare digest' | 'high s' | '65 bytes' | '63 bytes'

/** A signature: whose, over which words, for which registry. */
export interface Signed<TWords> {
  readonly key: MachineKey
  readonly place: Place
  readonly words: TWords
  readonly form: Form
}

/** One call of MachineRegistry. */
export type RegistryCall =
  | {
      readonly name: 'enrol'
      readonly key: MachineKey
      readonly verifier: Hex
      readonly owner: Hex
      readonly homeLog: Hex
      readonly deadline: bigint
      readonly signed: Signed<Enrolment>
    }
  | { readonly name: 'enrolUnproven'; readonly publicKey: Hex; readonly homeLog: Hex }
  | {
      readonly name: 'rotateKey'
      readonly machine: bigint
      readonly key: MachineKey
      readonly verifier: Hex
      readonly retireOldAt: bigint
      readonly old: Hex
      readonly deadline: bigint
      readonly signed: Signed<Rotation>
    }
  | { readonly name: 'retireKey'; readonly thumbprint: Hex; readonly retiredSeq: bigint }
  | { readonly name: 'revokeKey'; readonly thumbprint: Hex }
  | { readonly name: 'warnCompromised'; readonly thumbprint: Hex; readonly sinceBlock: bigint }
  | { readonly name: 'moveHome'; readonly machine: bigint; readonly newLog: Hex }
  | { readonly name: 'transferFrom'; readonly from: Hex; readonly to: Hex; readonly machine: bigint }
  | { readonly name: 'approve'; readonly to: Hex; readonly machine: bigint }
  | { readonly name: 'setApprovalForAll'; readonly operator: Hex; readonly approved: boolean }

/** Arguments of the call as the contract takes them. */
export function encode(call: RegistryCall): readonly unknown[] {
  if (call.name === 'enrol') {
    const { verifier, key, owner, homeLog, deadline, signed } = call
    const signature = signatureOf(signed, enrolDigest(signed.place, signed.words))
    return [concat([verifier, key.point]), owner, homeLog, deadline, signature]
  }
  if (call.name === 'rotateKey') {
    const { machine, verifier, key, retireOldAt, old, deadline, signed } = call
    const signature = signatureOf(signed, rotateDigest(signed.place, signed.words))
    return [machine, concat([verifier, key.point]), retireOldAt, old, deadline, signature]
  }
  const { name: _, ...args } = call // the other calls are written down in the order of their arguments
  return Object.values(args)
}

function signatureOf({ key, form }: Signed<unknown>, digest: Hex): Hex {
  if (form === 'of the bare digest') return signHash(key, digest)
  const good = signDigest(key, digest)
  if (form === 'high s') return otherS(good)
  if (form === '65 bytes') return concat([good, '0x00'])
  return form === '63 bytes' ? `0x${good.slice(2, -2)}` : good
}
