/** The report that README.md shows is one that this code prints: same checks, same order, same words around them. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { reportText } from '../../src/cli/report-text.ts'
import { CHECKS, Checklist } from '../../src/verify/report.ts'

const README = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8')

/** The sample report, in lines. */
function sample(): readonly string[] {
  const blocks = [...README.matchAll(/```text\n([^`]*)\n```/g)].map(([, text = '']) => text)
  const reports = blocks.filter((text) => text.endsWith('\nVERIFIED'))
  expect(reports).toHaveLength(1)
  return reports.join('').split('\n')
}

/** What is printed of a report in which every check passed, without rows. */
function printed(): readonly string[] {
  const checks = new Checklist().results().map((check) => ({ ...check, status: 'pass' as const, reason: 'seen' }))
  const window = { notBefore: 1_700_000_000, notAfter: 1_700_000_004 }
  return reportText({ verdict: 'pass', checks, window, rows: [] }, false).split('\n')
}

const isCheck = (line: string): boolean => line.startsWith('✓ ')

describe("README's sample report", () => {
  it('shows every check of the verifier, in its order and in its words', () => {
    const shown = sample().filter(isCheck)
    expect(shown.map((line) => line.slice(2).replace(' (optional)', ''))).toEqual(Object.values(CHECKS))
    expect(shown).toEqual(printed().filter(isCheck))
  })

  it('has a reason under each check', () => {
    const lines = sample()
    const under = lines.filter((_line, i) => isCheck(lines[i - 1] ?? ''))
    expect(under).toHaveLength(Object.keys(CHECKS).length)
    for (const line of under) expect(line).toMatch(/^ {4}\S/)
  })

  it('ends as every report does', () => {
    const end = (lines: readonly string[]): string[] =>
      lines.slice(-5).map((line) => line.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/, 'TIME').replace(/\d+ s wide/, 'N s wide'))
    expect(end(sample())).toEqual(end(printed()))
  })
})
