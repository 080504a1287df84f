/** The valve: a command counts only when the pin that was read back says the same (BOARD-14). */
import { fieldproofErrorOf } from '@fieldproof/sdk/base'
import type { Reply, Request } from '../protocol/index.ts'
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
 * Opens it for at most `maxMs`; the board closes it then, whatever happens to us. One that is open for another time than was asked for,
 * or of which nobody knows whether it is open, is closed again.
 * @throws FieldproofError `command-failed`
 */
export async function openValve(feature: FeatureWire, maxMs: number): Promise<ValveReading> {
  let reading: ValveReading
  try {
    reading = await command('opened', feature, { kind: 'open-valve', forMs: maxMs }, ({ state }) => state === 'open')
  } catch (error) {
    if (!isRefused(error)) await closeValve(feature).catch(() => undefined) // what failed first is what is told
    throw error
  }
  const { isOpen, remainingMs, state } = reading
  if (isOpen && remainingMs <= maxMs && remainingMs >= maxMs - SLACK_MS) return reading
  await closeValve(feature)
  throw commandFailed(
    `the valve was to open for ${maxMs} ms and is ${state} with its pin ${isOpen ? 'high' : 'low'}, with ${remainingMs} ms left`,
  )
}

/** Between taking the command and answering it. */
const SLACK_MS = 100

/** @throws FieldproofError `command-failed` unless the pin is then low */
export async function closeValve(feature: FeatureWire): Promise<ValveReading> {
  const reading = await command('closed', feature, { kind: 'close-valve' }, ({ state }) => state !== 'open')
  if (!reading.isOpen) return reading
  throw commandFailed(`the valve was told to close and its pin is high (${reading.state})`)
}

/** What no board has heard, or has refused to do, has changed nothing. */
function isRefused(error: unknown): boolean {
  const cause = error instanceof Error ? fieldproofErrorOf(error.cause) : undefined
  return cause?.code === 'board-refused' || cause?.code === 'out-of-range'
}

/**
 * The reply to a command. Boards also say unasked how the valve is (BOARD-14), and just then a command may be under way: a reply that the
 * command cannot lead to is not its answer.
 */
async function command(
  done: string,
  feature: FeatureWire,
  request: Request,
  isAnswer: (reply: ValveReply) => boolean,
): Promise<ValveReading> {
  let other = ''
  const accepts = (reply: ValveReply): boolean => {
    if (isAnswer(reply)) return true
    other = `; it says ${reply.state}`
    return false
  }
  try {
    return valveReading(await askFeature(feature, request, 'valve', accepts))
  } catch (error) {
    const { message } = coded(error, commandFailed)
    throw commandFailed(`the valve may not be ${done}: ${message}${other}`, error)
  }
}
