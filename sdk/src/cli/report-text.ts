/** A report as people read it, and as programs do. */
import type { Check, ProvenRow, ProvenValue, Report } from '../verify/index.ts'
import { printable } from './printable.ts'

const MARK = { pass: '✓', fail: '✗', unchecked: '–' } as const
const COLOUR = { pass: 32, fail: 31, unchecked: 33 } as const
const VERDICT = { pass: 'VERIFIED', fail: 'REFUSED', unchecked: 'NOT CHECKED' } as const
const CLOCK = ['an unsynchronised clock', 'a clock in holdover', 'a synchronised clock'] as const

/** The whole report: what was measured, each check with its reason, the time window, the verdict. */
export function reportText(report: Report, colours: boolean): string {
  const paint = (code: number, text: string): string => (colours ? `\u001b[${code}m${text}\u001b[0m` : text)
  const checks = report.checks.flatMap((check) => checkLines(check, paint))
  const verdict = paint(COLOUR[report.verdict], VERDICT[report.verdict])
  return [...report.rows.flatMap(rowLines), '', ...checks, '', ...windowLines(report), '', verdict]
    .join('\n')
    .trimStart()
}

/** The report as one JSON object: verdict, checks, window (ISO 8601 and Unix seconds), rows. */
export function reportJson(report: Report): Record<string, unknown> {
  const { notBefore, notAfter } = report.window
  const window = { notBefore, notAfter, notBeforeIso: isoOf(notBefore), notAfterIso: isoOf(notAfter) }
  return { verdict: report.verdict, window, rows: report.rows, checks: report.checks }
}

function checkLines(check: Check, paint: (code: number, text: string) => string): string[] {
  const mark = paint(COLOUR[check.status], MARK[check.status])
  return [`${mark} ${check.title}${check.required ? '' : ' (optional)'}`, `    ${printable(check.reason)}`]
}

function rowLines(row: ProvenRow): string[] {
  const time = new Date(row.time).toISOString()
  const values = row.values.map(valueLine)
  const place = `row ${row.index} of batch ${row.sequence}`
  const clock = CLOCK[row.clockQuality] ?? 'a clock'
  return [
    `${row.stream} of machine ${row.machine}, ${place}`,
    `  at ${time} by ${clock}`,
    ...values,
    ...methodLines(row),
  ]
}

function valueLine({ name, value, unit }: ProvenValue): string {
  const shown = value === null ? 'missing' : printable(String(value))
  return `  ${name.padEnd(20)} ${shown} ${printable(unit)}`.trimEnd()
}

function methodLines({ method }: ProvenRow): string[] {
  return method === null ? [] : wrapped(`stated method: ${printable(method)}`).map((line) => `  ${line}`)
}

const LINE_WIDTH = 76

/** Words in lines that fit a terminal of 80 columns. */
function wrapped(text: string): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + word.length < LINE_WIDTH) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}

function windowLines({ window }: Report): string[] {
  const { notBefore, notAfter } = window
  const from = isoOf(notBefore) ?? 'unverified'
  const to = isoOf(notAfter) ?? 'unverified'
  const width = notBefore !== null && notAfter !== null ? `, ${notAfter - notBefore} s wide` : ''
  return [`Signed after  ${from}`, `Signed before ${to}${width}`]
}

function isoOf(seconds: number | null): string | null {
  return seconds === null ? null : new Date(seconds * 1000).toISOString()
}
