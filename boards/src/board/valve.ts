/** The valve: a command counts only when the pin that was read back says the same (BOARD-14). */

import type { Reply } from '../protocol/index.ts'
import { coded, commandFailed } from './failures.ts'
import { askFeature, type FeatureWire } from './feature.ts'
import type { ValveReading } from './ports.ts'

type ValveReply = Extract<Reply, { readonly kind: 'valve' }>

/** What a valve reply says. */
export function valveReading({ isHigh, remainingMs, state }: ValveReply): ValveReading {
  return { isOpen: isHigh, remainingMs, state }
}

/** The valve as it is. */
export async function askValve(feature: FeatureWire): Promise<ValveReading> {
  return valveReading(await askFeature(feature, { kind: 'valve' }, 'valve'))
}

/**
 * Opens it for at most `maxMs`; the board closes it then, whatever happens to us. One that is open for another time than was asked for
 * is closed again.
 * @throws FieldproofError `command-failed`
 */
export async function openValve(feature: FeatureWire, maxMs: number): Promise<ValveReading> {
  const reading = await command('opened', () => askFeature(feature, { kind: 'open-valve', forMs: maxMs }, 'valve'))
  if (
    reading.isOpen &&
    reading.state === 'open' &&
    reading.remainingMs <= maxMs &&
    reading.remainingMs >= maxMs - SLACK_MS
  ) {
    return reading
  }
  if (reading.isOpen) await closeValve(feature)
  throw commandFailed(
    `the valve was to open for ${maxMs} ms and is ${reading.state}, with ${reading.remainingMs} ms left`,
  )
}

/** Between taking the command and answering it. */
const SLACK_MS = 100

/** @throws FieldproofError `command-failed` unless the pin is then low */
export async function closeValve(feature: FeatureWire): Promise<ValveReading> {
  const reading = await command('closed', () => askFeature(feature, { kind: 'close-valve' }, 'valve'))
  if (!reading.isOpen) return reading
  throw commandFailed(`the valve was told to close and its pin is high (${reading.state})`)
}

/** The reply to a command; one that nobody asked for says `time-over`, and no command leads to that. */
async function command(done: string, ask: () => Promise<ValveReply>): Promise<ValveReading> {
  try {
    return valveReading(await ask())
  } catch (error) {
    const { message } = coded(error, commandFailed)
    throw commandFailed(`the valve may not be ${done}: ${message}`, error)
  }
}
