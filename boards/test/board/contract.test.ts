/** The board contract in virtual time: our firmware and a stranger's, both executed instruction by instruction. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createUno, optibootHex } from '@fieldproof/device-sim/avr'
import { createModelUno } from '@fieldproof/device-sim/model'
import { describe, expect, it } from 'vitest'
import { boardContract } from '../../src/testing/index.ts'
import { virtualPlace } from './places/virtual-place.ts'

const api = { describe, it, expect }
const OURS = readFileSync(new URL('../../firmware/fieldproof.hex', import.meta.url), 'latin1')
/** Firmata 2.4 as somebody else built it. */
const FOREIGN = readFileSync(
  createRequire(import.meta.url).resolve('avrgirl-arduino/junk/hex/uno/StandardFirmata.cpp.hex'),
  'latin1',
)

boardContract(api, 'our firmware, emulated', { isOurs: true }, async () => virtualPlace(createUno({ hex: OURS })))
boardContract(api, 'our firmware behind Optiboot, emulated', { isOurs: true }, async () =>
  virtualPlace(createUno({ hex: OURS, bootloader: optibootHex() })),
)
boardContract(api, 'a model without firmware', { isOurs: true }, async () => virtualPlace(createModelUno()))
boardContract(api, 'StandardFirmata 2.4, emulated', { isOurs: false }, async () =>
  virtualPlace(createUno({ hex: FOREIGN })),
)
