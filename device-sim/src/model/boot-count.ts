/** The boot count, where the firmware keeps it, so that one EEPROM serves both: two slots in turn, each a count and its check (BOARD-7). */

const SLOT_AT: readonly [number, number] = [0, 8]
const COUNT_BYTES = 4

/** Counts this boot, and gives the count with it. */
export function countBoot(eeprom: Uint8Array): number {
  const [a, b] = SLOT_AT.map((at) => readSlot(eeprom, at))
  const count = (Math.max(a ?? 0, b ?? 0) + 1) >>> 0
  const at = (a ?? 0) > (b ?? 0) ? SLOT_AT[1] : SLOT_AT[0]
  new DataView(eeprom.buffer, eeprom.byteOffset).setUint32(at, count, true)
  eeprom[at + COUNT_BYTES] = checkOf(eeprom, at)
  return count
}

function readSlot(eeprom: Uint8Array, at: number): number {
  if (eeprom[at + COUNT_BYTES] !== checkOf(eeprom, at)) return 0
  return new DataView(eeprom.buffer, eeprom.byteOffset).getUint32(at, true)
}

function checkOf(eeprom: Uint8Array, at: number): number {
  return eeprom.subarray(at, at + COUNT_BYTES).reduce((check, byte) => check ^ byte, 0x5a)
}
