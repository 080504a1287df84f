/** `fieldproof rows`: what was measured, from the files on this computer. */
import { integerOption, parseOptions, printable, printableJson, usageError } from '@fieldproof/sdk/cli'
import { configPath } from '../config/index.ts'
import { type LocalRow, type RowReader, rowReader } from '../local/index.ts'
import { isThere } from './station/station-folder.ts'
import type { StationCommand, Surroundings } from './surroundings.ts'

/** The command. */
export const rowsCommand: StationCommand = {
  name: 'rows',
  summary: 'print the rows that were measured',
  help: `fieldproof rows DIR [--stream NAME] [--since TIME] [--last N] [--follow] [--json]

Prints rows from the files below DIR/readings, also while the station runs. They are CSV: a spreadsheet opens them, scp copies them. Rows of the
last minute may not be in them yet (readings.flushMs). With --json one object a line: {"stream", "time", "values", "units"}.

  --since TIME  ISO 8601, such as 2026-01-31 or 2026-01-31T12:00:00Z
  --last N      only the newest N
  --follow      goes on with new rows until it is told to stop

  fieldproof rows porch --stream weather --since 2026-01-31 --json
  scp pi:porch/readings/*.csv .`,
  async run(args, surroundings) {
    const { values, positionals } = parseOptions(args, OPTIONS, 1)
    const dir = String(positionals[0])
    if (!(await isThere(configPath(dir)))) throw usageError(`no station in ${dir}`)
    const stream = typeof values['stream'] === 'string' ? values['stream'] : undefined
    const sinceMs = typeof values['since'] === 'string' ? timeOf(values['since']) : undefined
    const last = typeof values['last'] === 'string' ? integerOption(values['last'], 'last') : undefined
    const json = values['json'] === true
    const reader = rowReader(dir, { stream, sinceMs })
    const print = (row: LocalRow): void => surroundings.print(json ? printableJson(row) : rowText(row))
    let count = 0
    await printNew(reader, last, (row) => {
      count++
      print(row)
    })
    if (values['follow'] === true) await follow(reader, print, surroundings)
    else if (count === 0) surroundings.error(`fieldproof rows: ${noneText(dir, stream)}`)
    return 0
  },
}

const OPTIONS = {
  stream: { type: 'string' },
  since: { type: 'string' },
  last: { type: 'string' },
  follow: { type: 'boolean' },
  json: { type: 'boolean' },
} as const

const POLL_MS = 1_000

/** Nothing printed looks like something broken. */
function noneText(dir: string, stream: string | undefined): string {
  const what = stream === undefined ? 'no rows' : `no rows of a stream ${printable(stream)}`
  return `${what} in ${dir}/readings: a running station (fieldproof run ${dir}) writes them about once a minute`
}

async function printNew(reader: RowReader, last: number | undefined, print: (row: LocalRow) => void): Promise<void> {
  const kept: LocalRow[] = []
  for await (const row of reader.next()) {
    if (last === undefined) print(row)
    else {
      kept.push(row)
      if (kept.length > last) kept.shift()
    }
  }
  for (const row of kept) print(row)
}

async function follow(
  reader: RowReader,
  print: (row: LocalRow) => void,
  { clock, onStop }: Surroundings,
): Promise<void> {
  let isStopped = false
  let wake = (): void => undefined
  const forget = onStop(() => {
    isStopped = true
    wake()
  })
  while (!isStopped) {
    await new Promise<void>((resolve) => {
      const cancel = clock.after(POLL_MS, resolve)
      wake = () => {
        cancel()
        resolve()
      }
    })
    if (!isStopped) await printNew(reader, undefined, print)
  }
  forget()
}

function timeOf(text: string): number {
  const time = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(time))
    throw usageError(`--since: want a time like 2026-01-31T12:00:00Z, got ${JSON.stringify(text)}`)
  return time
}

function rowText({ stream, time, values, units }: LocalRow): string {
  const parts = Object.entries(values)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}=${String(value)}${Object.hasOwn(units, name) ? ` ${units[name]}` : ''}`)
  return printable(`${time}  ${stream}  ${parts.join(', ')}`)
}
