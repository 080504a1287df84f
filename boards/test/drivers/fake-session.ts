/** A board that does what a test says: every method that a test has not scripted fails the test. */
import { FieldproofError } from '@fieldproof/sdk/base'
import type { BoardIdentity, BoardSession, CounterReading } from '../../src/board/ports.ts'

/** What of a session a test scripts. */
export type Script = Partial<BoardSession>

/** Identity of a board of ours after so many resets. */
export function identityAfter(boots: number): BoardIdentity {
  return { buildId: '0011223344556677', boots, resetCause: 2 }
}

/** A session that has these methods, and debounce times and line checks that succeed. */
export function fakeSession(script: Script = {}): BoardSession {
  const unscripted = (name: string) => (): never => {
    throw new Error(`the driver called ${name}`)
  }
  return {
    epoch: 1,
    firmware: { name: 'fieldproof', major: 1, minor: 0 },
    identity: identityAfter(1),
    signal: new AbortController().signal,
    get io(): never {
      return unscripted('io')()
    },
    johnnyFive: unscripted('johnnyFive'),
    analogRead: unscripted('analogRead'),
    i2cWrite: unscripted('i2cWrite'),
    i2cRead: unscripted('i2cRead'),
    oneWireSearch: unscripted('oneWireSearch'),
    oneWireTransfer: unscripted('oneWireTransfer'),
    counters: unscripted('counters'),
    setDebounce: async () => undefined,
    valve: unscripted('valve'),
    openValve: unscripted('openValve'),
    closeValve: unscripted('closeValve'),
    onValve: () => () => undefined,
    digitalWrite: unscripted('digitalWrite'),
    check: async () => undefined,
    lineFaults: 0,
    ...script,
  }
}

/** A board of which a test turns the wheels. */
export interface CountingBoard {
  boardMs: number
  pulses: [rain: number, wind: number, flow: number]
}

/** A session on such a board. */
export function countingSession(board: CountingBoard, boots = 1, script: Script = {}): BoardSession {
  const counters = async (): Promise<CounterReading> => ({ pulses: [...board.pulses], boardMs: board.boardMs })
  return fakeSession({ identity: identityAfter(boots), counters, ...script })
}

/** What a device that is not there is answered with. */
export function silent(): FieldproofError {
  return new FieldproofError('sensor-silent', 'nobody acknowledges')
}
