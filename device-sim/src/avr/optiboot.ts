/** Debian's Optiboot for the Uno, a separate work under its own licence: data/optiboot/README.md. */
import { readFileSync } from 'node:fs'

/** Intel HEX text of the bootloader, for `createUno({ bootloader })`. */
export function optibootHex(): string {
  return readFileSync(new URL('../../data/optiboot/optiboot_atmega328.hex', import.meta.url), 'latin1')
}
