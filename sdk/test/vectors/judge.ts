/** Compares what a runner made of a case with what the case says. */
import { FieldproofError } from '../../src/base/index.ts'
import type { Case, Context, Outputs, Reader, Runner } from './runner.ts'

/** Fields that describe a case. */
const META: readonly string[] = ['name', 'valid', 'kind', 'error', 'check']

/** What came of one case; good when there are no problems. */
export interface Judgement {
  readonly name: string
  readonly problems: readonly string[]
}

/** Runs all cases of a file, in order. */
export async function judgeFile(runner: Runner, context: Context): Promise<Judgement[]> {
  const judgements: Judgement[] = []
  for (const item of context.file.cases) judgements.push(await judgeCase(runner, item, context))
  return judgements
}

/** Runs one case. */
export async function judgeCase(runner: Runner, item: Case, context: Context): Promise<Judgement> {
  const reader = Object.hasOwn(runner.readers, item.kind ?? '') ? runner.readers[item.kind ?? ''] : undefined
  if (reader === undefined) return { name: item.name, problems: [`no reader for kind "${item.kind ?? ''}"`] }
  const problems = await Promise.resolve()
    .then(() => reader.read(item, context))
    .then(
      (outputs) => (item.valid ? differences(item, outputs, reader) : ['accepted']),
      (error: unknown) => refusalProblems(runner, item, error),
    )
  return { name: item.name, problems }
}

/** Names in `otherCodes` that no bad case has: an exception outlives its reason otherwise. */
export function staleExceptions(runner: Runner, cases: readonly Case[]): string[] {
  const bad = new Set(cases.filter((item) => !item.valid).map((item) => item.name))
  return Object.keys(runner.otherCodes ?? {}).filter((name) => !bad.has(name))
}

function differences(item: Case, outputs: Outputs, { given }: Reader): string[] {
  const stated = Object.keys(item).filter((field) => !META.includes(field))
  return stated.flatMap((field) => {
    const computed = Object.hasOwn(outputs, field)
    if (!computed && given.includes(field)) return []
    if (!computed) return [`${field}: nothing computes it`]
    const [got, want] = [canonical(outputs[field]), canonical(item[field])]
    return got === want ? [] : [`${field}: ${got}, not ${want}`]
  })
}

function refusalProblems(runner: Runner, item: Case, error: unknown): string[] {
  if (!(error instanceof FieldproofError)) return [`threw without a code: ${String(error)}`]
  if (item.valid) return [`refused: ${error.message}`]
  const { code, facts } = error
  const other = runner.otherCodes?.[item.name]
  const wanted = other?.code ?? item.error
  return [
    ...(other !== undefined && other.code === item.error ? [`an exception for what is the rule: ${other.code}`] : []),
    ...(wanted !== undefined && code !== wanted ? [`${code}, not ${wanted}`] : []),
    ...(item.check !== undefined && facts['check'] !== item.check ? [`${facts['check']}, not ${item.check}`] : []),
    ...(wanted === undefined && item.check === undefined ? ['the case names no reason'] : []),
  ]
}

/** JSON with sorted keys: the order of fields says nothing. */
function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (_, part: unknown) =>
      part !== null && typeof part === 'object' && !Array.isArray(part)
        ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
        : part,
    ) ?? 'undefined'
  )
}
