/** What the thread of an emulated station runs: our firmware behind the bootloader of an Uno, and the sensors of a station over a site. */

import { optibootHex } from '../avr/optiboot.ts'
import { createUno } from '../avr/uno.ts'
import { firmwareHex } from '../lab/firmware.ts'
import type { CreateScene } from '../line/thread-messages.ts'
import { irrigationParts, weatherParts } from '../parts/index.ts'
import { createReplay, createSite, loadSeattle } from '../world/index.ts'

/** Data of the scene, cloned into the thread. */
export interface BoardSceneData {
  readonly station: 'weather-station' | 'irrigation-station'
  /** Of the world, unsigned 32-bit. */
  readonly seed: number
  /** Day whose midnight was shown at {@link startedAt}, `YYYY-MM-DD`. */
  readonly startDate: string
  /** Wall clock at that moment, ms since 1970. */
  readonly startedAt: number
  /** Wall clock now, ms since 1970. */
  readonly now: number
  /** Recorded ms that pass in one ms. */
  readonly pace: number
}

/** Makes the scene. */
export const createScene: CreateScene = (data) => {
  const { station, seed, startDate, startedAt, now, pace } = data as BoardSceneData
  const records = loadSeattle()
  const site = createSite(records, seed)
  const record = { startMs: site.startMs, endMs: site.startMs + site.lengthMs }
  const begin = createReplay({ record, startDate, recordedMsPerStep: 1 }).recordedMs(0)
  const recordedMs = (ms: number): number => begin + Math.floor((Math.max(0, now - startedAt) + ms) * pace)
  const uno = createUno({ hex: firmwareHex('fieldproof'), bootloader: optibootHex() })
  const parts =
    station === 'weather-station'
      ? weatherParts(site, { recordedMs, seed })
      : irrigationParts(site, { recordedMs, seed })
  parts.connect(uno)
  return { uno }
}
