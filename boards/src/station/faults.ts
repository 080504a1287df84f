/**
 * What is wrong with a station at the moment, as rows of the machine's health stream: one when it begins, one when it ends, and one
 * an hour as long as it lasts. A sensor that is silent is a signed fact, and not a hole that nobody can tell from a choice.
 */
import type { Code, FieldproofError } from '@fieldproof/sdk/base'
import type { Clock, Reading } from '@fieldproof/sdk/machine'

/** Takes rows; a machine is one. */
export interface Recorder {
  record(stream: string, reading: Reading, time?: number): Promise<void>
}

/** A part of a station is in another state than before. */
export interface FaultEvent {
  readonly event: 'fault-begins' | 'fault-goes-on' | 'fault-ends'
  /** `board`, `line`, `valve`, or the name of a sensor. */
  readonly subject: string
  readonly code: Code
  readonly detail: string
}

interface Standing {
  readonly code: Code
  readonly detail: string
  saidMs: number
}

const REMIND_MS = 3_600_000
const HEALTH = 'health'
const OK = 'ok'

/** Book of faults. */
export class Faults {
  readonly #recorder: Recorder
  readonly #clock: Clock
  readonly #emit: (event: FaultEvent) => void
  readonly #onLost: (error: unknown) => void
  readonly #standing = new Map<string, Standing>()

  /** @param onLost told when a health row could not be taken */
  constructor(recorder: Recorder, clock: Clock, emit: (event: FaultEvent) => void, onLost: (error: unknown) => void) {
    this.#recorder = recorder
    this.#clock = clock
    this.#emit = emit
    this.#onLost = onLost
  }

  /** Codes by subject, as they stand now. */
  get standing(): ReadonlyMap<string, Code> {
    return new Map([...this.#standing].map(([subject, { code }]) => [subject, code]))
  }

  /** Something is wrong; the same fault again says nothing new until an hour has passed. */
  begin(subject: string, { code, message: detail }: Pick<FieldproofError, 'code' | 'message'>, epoch: number): void {
    const nowMs = this.#clock.monotonicMs()
    const standing = this.#standing.get(subject)
    if (standing?.code === code && nowMs - standing.saidMs < REMIND_MS) return
    const event = standing?.code === code ? 'fault-goes-on' : 'fault-begins'
    this.#standing.set(subject, { code, detail, saidMs: nowMs })
    this.#say({ event, subject, code, detail }, code, epoch)
  }

  /** It is well again; nothing when it was. */
  end(subject: string, epoch: number): void {
    const standing = this.#standing.get(subject)
    if (standing === undefined) return
    this.#standing.delete(subject)
    const { code, detail } = standing
    this.#say({ event: 'fault-ends', subject, code, detail }, OK, epoch)
  }

  #say(event: FaultEvent, state: string, epoch: number): void {
    this.#emit(event)
    this.#recorder.record(HEALTH, { subject: event.subject, state, boardEpoch: epoch }).catch(this.#onLost)
  }
}
