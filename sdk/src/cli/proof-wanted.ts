/** Which rows a command line asks for. */
import { machineId } from '../base/index.ts'
import { integerOption, type Parsed, usageError } from './command.ts'

/** A row of a batch of a machine. */
export interface WantedRow {
  readonly machine: string
  readonly sequence: number
  /** Where its statement stands in the log; names one of two after a branch. */
  readonly logIndex?: number
  readonly row: number
}

/** Rows by name, or the newest anchored batch of a machine. */
export type Wanted =
  | { readonly rows: readonly WantedRow[] }
  | { readonly newestOf: string; readonly stream?: string; readonly row: number }

/** @throws FieldproofError `usage`, `out-of-range` for what is no machine id */
export function readWanted(values: Parsed['values']): Wanted {
  const { machine, sequence, row = '1', stream, at } = values
  if (stream !== undefined && (sequence !== undefined || at !== undefined)) {
    throw usageError('--stream: want it with --machine alone; a sequence names a batch of one stream')
  }
  if (Array.isArray(at)) {
    if (machine !== undefined || sequence !== undefined || values['row'] !== undefined) {
      throw usageError('want either --at, or --machine with --sequence and --row')
    }
    return { rows: at.map((item) => readRow(String(item))) }
  }
  if (typeof machine !== 'string') throw usageError('want --machine ID, or --at ID:SEQUENCE:ROW')
  const id = machineId(machine)
  const index = integerOption(String(row), 'row')
  if (sequence === undefined)
    return { newestOf: id, ...(stream !== undefined && { stream: String(stream) }), row: index }
  return { rows: [{ machine: id, ...readSequence(String(sequence), 'sequence'), row: index }] }
}

function readRow(text: string): WantedRow {
  const [id, sequence, row, ...rest] = text.split(':')
  if (id === undefined || sequence === undefined || row === undefined || rest.length > 0) {
    throw usageError(`--at ${text}: want ID:SEQUENCE:ROW`)
  }
  return { machine: machineId(id), ...readSequence(sequence, 'at'), row: integerOption(row, 'at') }
}

/** `N`, or `N@INDEX` with the index in the log. */
function readSequence(text: string, option: string): Pick<WantedRow, 'sequence' | 'logIndex'> {
  const [sequence = '', index, ...rest] = text.split('@')
  if (rest.length > 0) throw usageError(`--${option}: want SEQUENCE or SEQUENCE@INDEX, got ${text}`)
  return {
    sequence: integerOption(sequence, option),
    ...(index !== undefined && { logIndex: integerOption(index, option) }),
  }
}

/** A batch as a gateway is asked for it: `machine:sequence`, with `@index` when that is given. */
export function batchName({ machine, sequence, logIndex }: Omit<WantedRow, 'row'>): string {
  return `${machine}:${sequence}${logIndex === undefined ? '' : `@${logIndex}`}`
}
