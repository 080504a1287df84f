/** A long run over many decoders, measured: what `scripts/fuzz.mjs` drives. */
import { memoryUsage } from 'node:process'
import { getHeapStatistics } from 'node:v8'
import { fuzz, type Meter, type Outcome, type Target } from './engine.ts'
import { sharesOf } from './share.ts'

/** What to run. */
export interface RunOptions {
  readonly seed: number
  /** In all, shared by weight. */
  readonly runs: number
  /** Only decoders with this in their name. */
  readonly only?: string
  readonly print: (line: string) => void
}

/** Bounds of the work for one input. */
const MAX_MS = 250
const MAX_GROWTH_BYTES = 64 * 1024 * 1024

const METER: Meter = {
  nowMs: () => performance.now(),
  // The cheap half of memoryUsage: it is asked twice for every input.
  usedBytes: () => {
    const { used_heap_size: heap, external_memory: external = 0 } = getHeapStatistics() as {
      used_heap_size: number
      external_memory?: number
    }
    return heap + external
  },
  maxMs: MAX_MS,
  maxGrowthBytes: MAX_GROWTH_BYTES,
}

/** Runs every decoder and prints a table; resolves to whether all of them held, on one input at least. */
export async function runFuzz(targets: readonly Target[], { seed, runs, only, print }: RunOptions): Promise<boolean> {
  const wanted = targets.filter(({ name }) => only === undefined || name.includes(only))
  if (wanted.length === 0) throw new Error(`no decoder with ${only} in its name`)
  print('| decoder | runs | accepted | slowest ms | heap kB | codes |\n|---|---|---|---|---|---|')
  let held = true
  let total = 0
  for (const { target, runs: share } of sharesOf(wanted, runs)) {
    const outcome = await twice(target, seed, share)
    total += outcome.runs
    print(rowOf(outcome))
    if (outcome.failure === null) continue
    held = false
    print(
      `${target.name} failed at run ${outcome.failure.run} of seed ${seed}: ${outcome.failure.why}\ninput ${outcome.failure.input}`,
    )
  }
  print(`${total} inputs, ${wanted.length} decoders, seed ${seed}, rss ${Math.round(memoryUsage().rss / 2 ** 20)} MiB`)
  return held && total > 0
}

/** A slow machine must not fail a decoder: what took too long is tried once more. */
async function twice(target: Target, seed: number, runs: number): Promise<Outcome> {
  const first = await fuzz(target, { seed, runs, meter: METER })
  if (first.failure === null || !/^took |^grew /.test(first.failure.why)) return first
  return fuzz(target, { seed, runs, meter: METER })
}

function rowOf({ name, runs, accepted, slowestMs, largestBytes, codes }: Outcome): string {
  const seen = [...codes].sort((a, b) => b[1] - a[1]).map(([code, count]) => `${code} ${count}`)
  return `| ${name} | ${runs} | ${accepted} | ${slowestMs.toFixed(1)} | ${Math.round(largestBytes / 1024)} | ${seen.join(', ')} |`
}
