/**
 * The valve of a station, and what it really did as rows of the stream `actuations`. Nothing here keeps it open: the board closes it
 * when its time is over, also when this process is gone.
 */
import { FieldproofError, fieldproofErrorOf } from '@fieldproof/sdk/base'
import type { StreamDefinition } from '@fieldproof/sdk/wire'
import { commandFailed } from '../board/failures.ts'
import type { BoardSession, ValveReading } from '../board/ports.ts'
import type { Recorder } from './faults.ts'

/** What the valve did; `outcome` is `open`, `closed`, `time-over` or an error code. */
export const ACTUATIONS: StreamDefinition = {
  name: 'actuations',
  columns: [
    { name: 'actuator', unit: '', exponent: 0, type: 'text' },
    { name: 'command', unit: '', exponent: 0, type: 'text' },
    { name: 'requested', unit: 's', exponent: -3, type: 'int' },
    { name: 'outcome', unit: '', exponent: 0, type: 'text' },
    { name: 'boardEpoch', unit: '', exponent: 0, type: 'int' },
  ],
  context: {
    method:
      'A row for every command and every closing that the board reported. open and closed are the level of the pin as the board read ' +
      'it back; an error code means that the command must be taken as not carried out; time-over: the board closed it by itself.',
  },
}

const VALVE = 'valve'

/** Opens and closes. */
export class ValveControl {
  readonly #recorder: Recorder
  readonly #maxMs: number
  readonly #session: () => BoardSession | null
  readonly #onLost: (error: unknown) => void
  #isEnding = false

  constructor(recorder: Recorder, maxMs: number, session: () => BoardSession | null, onLost: (error: unknown) => void) {
    this.#recorder = recorder
    this.#maxMs = maxMs
    this.#session = session
    this.#onLost = onLost
  }

  /**
   * Opens it for at most `maxMs`.
   * @throws FieldproofError `out-of-range` above the station's own maximum; `command-failed` unless the board read the pin back as high
   */
  async open(maxMs: number): Promise<ValveReading> {
    if (!(Number.isInteger(maxMs) && maxMs >= 1 && maxMs <= this.#maxMs)) {
      throw new FieldproofError('out-of-range', `a valve opens for 1 to ${this.#maxMs} ms, not ${maxMs}`, {
        facts: { maxMs },
      })
    }
    return await this.#command('open', maxMs, (session) => {
      if (this.#isEnding) throw commandFailed('the station is ending')
      return session.openValve(maxMs)
    })
  }

  /** @throws FieldproofError `command-failed` unless the board read the pin back as low */
  close(): Promise<ValveReading> {
    return this.#command('close', null, (session) => session.closeValve())
  }

  /** A new connection: what was opened before is closed, whoever opened it. Resolves when the board has said so. */
  async begin(session: BoardSession): Promise<void> {
    session.onValve(() => this.#record(null, null, 'time-over', session.epoch))
    const before = await session.valve()
    await session.closeValve()
    if (before.isOpen) this.#record('close', null, 'closed', session.epoch)
  }

  /** At the end of a station: opens no more, and closes what is open or may be. Best effort, because the board closes it in any case. */
  async end(): Promise<void> {
    this.#isEnding = true
    const session = this.#session()
    if (session === null || session.identity === null) return
    const isClosed = await session.valve().then(
      ({ isOpen }) => !isOpen,
      () => false,
    )
    if (!isClosed) await this.close()
  }

  async #command(
    name: string,
    maxMs: number | null,
    act: (session: BoardSession) => Promise<ValveReading>,
  ): Promise<ValveReading> {
    const session = this.#session()
    try {
      if (session === null) throw commandFailed('there is no connection to the board')
      const reading = await act(session)
      this.#record(name, maxMs, reading.isOpen ? 'open' : 'closed', session.epoch)
      return reading
    } catch (error) {
      this.#record(name, maxMs, fieldproofErrorOf(error)?.code ?? 'command-failed', session?.epoch ?? null)
      throw error
    }
  }

  #record(command: string | null, maxMs: number | null, outcome: string, boardEpoch: number | null): void {
    const requested = maxMs === null ? null : maxMs / 1000
    this.#recorder
      .record(ACTUATIONS.name, { actuator: VALVE, command, requested, outcome, boardEpoch })
      .catch(this.#onLost)
  }
}
