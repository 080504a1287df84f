/** Questions of feature 01 and their answers (schemas/spec/08-board.md). */
import { FieldproofError } from '@fieldproof/sdk/base'
import { encodeRequest, FEATURE_ID, REQUEST_COMMANDS, type Reply, type Request } from '../protocol/index.ts'
import { boardSilent, commandFailed } from './failures.ts'
import type { CounterReading } from './ports.ts'
import type { Wire } from './wire.ts'

/** A wire to a board that is known to run our firmware. */
export interface FeatureWire {
  readonly wire: Wire
  /** For one answer, in ms. */
  readonly waitMs: number
}

type ReplyOf<Kind extends Reply['kind']> = Extract<Reply, { readonly kind: Kind }>

/**
 * Sends a request and waits for the reply of that kind.
 * @throws FieldproofError `board-refused`, `board-silent`, or why the session ended
 */
export function askFeature<Kind extends Reply['kind']>(
  { wire, waitMs }: FeatureWire,
  request: Request,
  kind: Kind,
  accepts: (reply: ReplyOf<Kind>) => boolean = () => true,
): Promise<ReplyOf<Kind>> {
  const command = REQUEST_COMMANDS[request.kind]
  return wire.ask({
    bytes: encodeRequest(request),
    answer: (message) => {
      if (message.kind === 'error' && message.sysex === FEATURE_ID && message.detail === command)
        throw refused(request, message)
      if (message.kind !== kind) return undefined
      const reply = message as ReplyOf<Kind>
      return accepts(reply) ? reply : undefined
    },
    waitMs,
    silent: () => boardSilent(`no answer to ${request.kind} within ${waitMs} ms`),
  })
}

function refused({ kind }: Request, { refusal }: ReplyOf<'error'>): FieldproofError {
  return new FieldproofError('board-refused', `the board refused ${kind}: ${refusal}`, { facts: { reason: refusal } })
}

/** The three counters, from one moment. */
export async function askCounters(feature: FeatureWire): Promise<CounterReading> {
  const { counters, boardMs } = await askFeature(feature, { kind: 'counters' }, 'counters')
  const [rain = 0, wind = 0, flow = 0] = counters.map(({ pulses }) => pulses)
  return { pulses: [rain, wind, flow], boardMs }
}

/** @throws FieldproofError `command-failed` when the board then has another debounce time */
export async function askDebounce(feature: FeatureWire, counter: number, debounceUs: number): Promise<void> {
  const { counters } = await askFeature(feature, { kind: 'set-debounce', counter, debounceUs }, 'counters')
  const now = counters[counter]?.debounceUs
  if (now !== debounceUs) throw commandFailed(`counter ${counter} has a debounce of ${now} µs, not ${debounceUs}`)
}

/** Resolves when the board has checked the line; what the check says is the wire's to know. */
export async function askCheck(feature: FeatureWire): Promise<void> {
  await askFeature(feature, { kind: 'check' }, 'check')
}
