/** A serial line behind a bad cable: any line, of an emulated board or a real one. */
import type { OpenLine } from '@fieldproof/boards/line'
import { type ByteFaults, createByteFaults, type FaultRates } from './byte-faults.ts'

/** How bad the cable is, in each direction. */
export interface LineFaultPlan {
  /** The same seed does the same to the same bytes. */
  readonly seed: number
  readonly toHost?: FaultRates
  readonly toBoard?: FaultRates
}

/** A line through a bad cable. */
export interface FaultyLine {
  readonly open: OpenLine
  readonly toHost: ByteFaults
  readonly toBoard: ByteFaults
  /** From now on nothing arrives in either direction, while the line stays open and writes succeed. */
  readonly stop: () => void
  /** Bytes arrive again; those of the meantime are lost. */
  readonly go: () => void
}

/** Puts a bad cable before a line. */
export function faultyLine(open: OpenLine, { seed, toHost, toBoard }: LineFaultPlan): FaultyLine {
  const inward = createByteFaults(seed, toHost)
  const outward = createByteFaults(seed ^ 0x5a5a, toBoard)
  let isStopped = false
  return {
    open: async (handlers) => {
      const line = await open({
        onClose: handlers.onClose,
        onData: (bytes) => {
          const heard = inward.pass(bytes)
          if (!isStopped && heard.length > 0) handlers.onData(heard)
        },
      })
      return {
        close: line.close,
        write: (bytes) => {
          const sent = outward.pass(bytes)
          return line.write(isStopped ? new Uint8Array(0) : sent)
        },
      }
    },
    toHost: inward,
    toBoard: outward,
    stop: () => {
      isStopped = true
    },
    go: () => {
      isStopped = false
    },
  }
}
