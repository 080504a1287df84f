/** Small programs for the emulated chip, assembled with avr-gcc from the assembler in front of each. */

/**
 * Sends MCUSR, r2 and RAM byte 0x200 at 115200 bit/s; then clears MCUSR, sets r2 to 0x5a and the byte to 0xa5, and loops.
 * ```
 *   in r16, MCUSR; out MCUSR, zero; UCSR0A = U2X0; UBRR0L = 16; UCSR0B = TXEN0
 *   send r16; send r2; send (0x200); r2 = 0x5a; (0x200) = 0xa5; rjmp .
 * ```
 */
export const SAY_CAUSE: string = [
  ':1000000004B720E024BF22E02093C00020E1209329',
  ':10001000C40028E02093C1000BD0022D09D000912C',
  ':10002000000206D02AE5222E25EA20930002FFCF07',
  ':0E0030002091C00025FFFCCF0093C60008956C',
  ':00000001FF',
].join('\n')

/**
 * Sleeps between interrupts. Timer 0 (fast, / 64) toggles D13 at each overflow, timer 1 (phase correct, 8 bits, / 8) toggles
 * D12 at each match with 77, and every byte that comes at 57600 bit/s is sent back.
 * ```
 *   loop: cli; sei; sleep; rjmp loop
 * ```
 */
export const SLEEPER: string = [
  ':1000000024C000000000000000000000000000000C',
  ':1000100000000000000000000000000000000000E0',
  ':1000200000000000000000000000000035C00000DB',
  ':1000300000000000000000000000000000000000C0',
  ':1000400029C000000000000029C020E324B923E0FB',
  ':1000500025BD21E020936E0021E02093800022E066',
  ':100060002093810020E0209389002DE420938800D4',
  ':1000700022E020936F0022E02093C00022E2209330',
  ':10008000C40028E92093C10021E023BFF8947894AC',
  ':100090008895FCCF1D9A18951C9A18953091C6002A',
  ':0600A0003093C600189524',
  ':00000001FF',
].join('\n')

/** Turns its receiver on at 58823 bit/s, and never reads it. */
export const DEAF: string = [':0E00000020E12093C10020E12093C400FFCF37', ':00000001FF'].join('\n')
