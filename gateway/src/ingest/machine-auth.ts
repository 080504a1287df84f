/**
 * Who may connect. What a machine says is signed anyway, so a password only keeps strangers from wasting the gateway's
 * time. It is derived from one secret, so there is no table to keep.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { type MachineId, toBase32, utf8 } from '@fieldproof/sdk/base'

/** Whether a machine may connect with that password. */
export type MachineAuth = (machine: MachineId, password: Uint8Array | undefined) => boolean

/** Lets everyone in: for a broker that only this computer reaches. */
export const anyone: MachineAuth = () => true

/** Password of a machine: base32 of HMAC-SHA256(secret, machine id). */
export function passwordOf(secret: Uint8Array, machine: MachineId): string {
  return toBase32(createHmac('sha256', secret).update(machine).digest())
}

/** Lets in who brings {@link passwordOf}. */
export function passwords(secret: Uint8Array): MachineAuth {
  return (machine, password) => {
    const want = utf8(passwordOf(secret, machine))
    return password !== undefined && password.length === want.length && timingSafeEqual(password, want)
  }
}
