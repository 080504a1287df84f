/** Runs a job in a thread of its own, where time is virtual. */
import { Worker } from 'node:worker_threads'
import { FieldproofError } from '@fieldproof/sdk/base'
import type { Job, JobListener, JobMessage } from './job.ts'

/** From sources (tests) the built worker is taken: a thread cannot load TypeScript. */
const WORKER = new URL(import.meta.url.endsWith('.ts') ? '../../dist/lab/worker.js' : './worker.js', import.meta.url)

/** What the job came to. @throws FieldproofError what the lab threw; Error where the lab itself is broken */
export function runInThread(job: Job, listener: JobListener = {}): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(WORKER, { workerData: job, execArgv: [] })
    const end = (settle: () => void): void => {
      settle()
      void worker.terminate()
    }
    worker.on('error', (error) => end(() => reject(error)))
    worker.on('exit', () => reject(new Error('the thread of a lab ended without a word')))
    worker.on('message', (message: JobMessage) => {
      if (message.kind === 'progress') listener.onProgress?.(message.virtualMs)
      else if (message.kind === 'row') listener.onRow?.(message.row)
      else if (message.kind === 'done') end(() => resolve(message.value))
      else
        end(() =>
          reject(message.code === null ? new Error(message.detail) : new FieldproofError(message.code, message.detail)),
        )
    })
  })
}
