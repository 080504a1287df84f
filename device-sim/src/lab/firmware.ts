/** What may be burnt into an emulated Uno: our firmware, nothing, or a program that is not ours. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { FieldproofError } from '@fieldproof/sdk/base'
import { strangerHex } from './stranger.ts'

/**
 * `fieldproof`: ours; `erased`: no program at all; `stranger`: somebody else's that speaks Firmata and gives another name;
 * `standard-firmata`: the hex of the npm package avrgirl-arduino, where that is installed.
 */
export type FirmwareImage = 'fieldproof' | 'erased' | 'stranger' | 'standard-firmata'
/** An image, or the model of an Uno with our firmware, which executes nothing and is faster. */
export type FirmwareChoice = FirmwareImage | 'model'

const require = createRequire(import.meta.url)
const STANDARD_FIRMATA = 'avrgirl-arduino/junk/hex/uno/StandardFirmata.cpp.hex'
/** An Intel HEX file without a byte of data. */
const NOTHING = ':00000001FF\n'

/** Intel HEX text. @throws FieldproofError `file-unreadable` where a package that holds it is not installed */
export function firmwareHex(choice: FirmwareImage): string {
  if (choice === 'erased') return NOTHING
  if (choice === 'stranger') return strangerHex()
  if (choice === 'standard-firmata') return read(() => require.resolve(STANDARD_FIRMATA))
  return read(() =>
    require.resolve('@fieldproof/boards/package.json').replace('package.json', 'firmware/fieldproof.hex'),
  )
}

function read(find: () => string): string {
  try {
    return readFileSync(find(), 'latin1')
  } catch (cause) {
    throw new FieldproofError('file-unreadable', 'a firmware is not installed here', { cause })
  }
}
