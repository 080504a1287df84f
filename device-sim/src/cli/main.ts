/** `fieldproof sim`: the SDK's command runs `fieldproof-sim`, which calls this. */
import { availableParallelism } from 'node:os'
import { errorLine, fieldproofErrorOf } from '@fieldproof/sdk/base'
import { type Context, exitCodeOf, printableJson, printableLines, terminal } from '@fieldproof/sdk/cli'
import { runInThread } from '../lab/run-in-thread.ts'
import { PLAYABLE, type Played, type PlayedStation, play } from '../scenarios/index.ts'
import { HELP, parseRequest, type SimRequest } from './options.ts'
import { type Progress, progressOn } from './progress.ts'
import { servePty } from './serve-pty.ts'
import { playedText, rowText } from './text.ts'

/** Runs one command line and returns the exit code; prints, and never throws. */
export async function main(
  args: readonly string[],
  context: Context = terminal(),
  progress: Progress = progressOn(process.stderr),
  stopped: () => Promise<void> = signalled,
): Promise<number> {
  try {
    const request = parseRequest(args)
    if (request.what !== 'pty') return await run(request, context, progress)
    await servePty(request, request.json, context, stopped())
    return 0
  } catch (error) {
    progress.clear()
    const { code = 'internal', retry = 'final', docs = null } = fieldproofErrorOf(error) ?? {}
    const message = errorLine(error)
    if (args.includes('--json')) context.error(printableJson({ error: { code, message, retry, docs } }))
    else context.error(`fieldproof sim: ${printableLines(message)}`)
    return exitCodeOf(error)
  }
}

async function run(
  request: Exclude<SimRequest, { what: 'pty' }>,
  context: Context,
  progress: Progress,
): Promise<number> {
  if (request.what === 'scenarios') return await playAll(request, context, progress)
  if (request.what === 'station') return await runStation(request, context, progress)
  if (request.what === 'help') context.print(HELP)
  else if (request.json) for (const one of PLAYABLE) context.print(printableJson(one))
  else context.print(PLAYABLE.map(({ name, summary }) => `${name.padEnd(16)} ${summary}`).join('\n'))
  return 0
}

/** As many at a time as there are processors, printed in their order. */
async function playAll(
  { names, seed, json }: SimRequest & { what: 'scenarios' },
  context: Context,
  progress: Progress,
): Promise<number> {
  const started: Promise<Played>[] = []
  const start = (): void => {
    const name = names[started.length]
    if (name === undefined) return
    const one = play(name, seed, (virtualMs) => progress.show(name, virtualMs))
    started.push(one)
    one.then(start, start) // each that ends makes room for the next
  }
  for (let i = 0; i < availableParallelism(); i++) start()
  let isOk = true
  for (let i = 0; i < started.length; i++) {
    const one = await started[i]
    if (one === undefined) continue
    progress.clear()
    context.print(json ? printableJson(one.result) : playedText(one))
    isOk &&= one.result.ok
  }
  return isOk ? 0 : 1
}

async function runStation(
  { station, seed, forMs, json }: SimRequest & { what: 'station' },
  context: Context,
  progress: Progress,
): Promise<number> {
  const settings = { everyMs: EVERY_MS }
  const done = (await runInThread(
    { kind: 'station', station, seed, forMs, settings },
    {
      onProgress: (virtualMs) => progress.show(station, virtualMs),
      onRow: (row) => {
        progress.clear()
        context.print(json ? printableJson(row) : rowText(row))
      },
    },
  )) as PlayedStation
  progress.clear()
  const { rows, batches, falseRows, batchesSha256 } = done
  const summary = { station, seed, rows, false: falseRows, batches, batchesSha256 }
  const judged = falseRows === null ? 'too many to be judged' : `${falseRows} of them false`
  context.print(json ? printableJson(summary) : `${rows} rows signed in ${batches} batches, ${judged}`)
  return (falseRows ?? 0) === 0 ? 0 : 1
}

/** Until somebody ends the program. */
function signalled(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })
}

/** What a station has that nobody has configured. */
const EVERY_MS = 10_000
