/** Imported first, this makes the rigs of the protocol's tests with the model. */
import { readFileSync } from 'node:fs'
import { createModelUno } from '../../src/model/index.ts'
import { useBoard } from '../avr/rig.ts'

const manifest = JSON.parse(
  readFileSync(new URL('../../../boards/firmware/manifest.json', import.meta.url), 'utf8'),
) as { buildId: string }

useBoard(({ bootloader, hex: _, sleep: __, ...wiring }) =>
  createModelUno({
    ...wiring,
    buildId: Buffer.from(manifest.buildId, 'hex'),
    bootloader: bootloader !== undefined,
  }),
)
