/**
 * The thread of a lab. Time is taken over first; only then is anything loaded that has timers (Johnny-Five, firmata-io, boards). Node
 * gives a worker no TypeScript, so this runs as built, also when tests run from sources: build before you test.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { errorLine, fieldproofErrorOf } from '@fieldproof/sdk/base'
import type { Job, JobMessage } from './job.ts'
import { installVirtualTime } from './virtual-time.ts'

/** Noon, so that the hour before and after belong to the same day. */
const START_MS = Date.UTC(2026, 0, 1, 12)
const PROGRESS_MS = 1_000

let step: (ms: number) => void = () => undefined
let passedMs = 0
const post = (message: JobMessage): void => parentPort?.postMessage(message)
const time = installVirtualTime({
  startMs: START_MS,
  run: (ms) => {
    step(ms)
    passedMs += ms
    if (passedMs % PROGRESS_MS === 0) post({ kind: 'progress', virtualMs: passedMs })
  },
})

try {
  const { runJob } = await import('../scenarios/run-job.ts')
  const onStep = (next: (ms: number) => void): void => {
    step = next
  }
  post({ kind: 'done', value: await runJob(workerData as Job, { time, onStep, post }) })
} catch (error) {
  const code = fieldproofErrorOf(error)?.code ?? null
  post({
    kind: 'failed',
    code,
    detail: code === null && error instanceof Error ? String(error.stack) : errorLine(error),
  })
} finally {
  time.end()
}
