import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const root = new URL('../../', import.meta.url)
const pages = readdirSync(new URL('schemas/spec/', root)).sort()
const page = (name: string): string => readFileSync(new URL(`schemas/spec/${name}`, root), 'utf8')

/** A page without its worked example and its code, in paragraphs and list items. */
const blocks = (name: string): string[] =>
  page(name)
    .replace(/<!-- example:begin [\s\S]*?<!-- example:end -->/g, '')
    .split(/\n(?=- )|\n\n/)

const ID = /\b(?:CONV|WIRE|BATCH|HIST|LOG|RCPT|ANCHOR|BUNDLE|BOARD)-\d+\b/g
const defined = pages.flatMap((name) => [...page(name).matchAll(/^- \*\*([A-Z]+-\d+)\*\*/gm)].map(([, id]) => id ?? ''))

describe('specification', () => {
  it('has nine pages, each opening with a worked example', () => {
    expect(pages.map((name) => name.slice(0, 2))).toEqual(['00', '01', '02', '03', '04', '05', '06', '07', '08'])
    // The board's example comes from no vector: device-sim/test/avr/example.test.ts runs it on the firmware.
    expect(page('08-board.md')).toMatch(/^# 08 [^\n]+\n\n## Example\n/)
    for (const name of pages.filter((name) => name !== '08-board.md'))
      expect(page(name), name).toMatch(/^# \d\d [^\n]+\n\n<!-- example:begin [a-z]+ -->\n\n## Example\n/)
  })

  it('gives every rule an id of its own', () => {
    expect(defined.length).toBeGreaterThan(100)
    expect(defined.filter((id, at) => defined.indexOf(id) !== at)).toEqual([])
  })

  it.each(pages)('%s has no MUST outside a numbered rule', (name) => {
    const loose = blocks(name).filter((block) => /\bMUST\b/.test(block) && !/^- \*\*[A-Z]+-\d+\*\* /.test(block))
    expect(loose.filter((block) => !block.includes('have their meaning of RFC 2119'))).toEqual([])
  })

  it.each(pages)('%s has a MUST in every numbered rule', (name) => {
    const rules = blocks(name).filter((block) => /^- \*\*[A-Z]+-\d+\*\* /.test(block))
    expect(rules.filter((block) => !/\bMUST\b/.test(block))).toEqual([])
  })

  it.each(pages)('%s refers to rules that exist', (name) => {
    const referred = page(name).match(ID) ?? []
    expect(referred.filter((id) => !defined.includes(id))).toEqual([])
  })

  it.each(pages)('%s links to files that exist', (name) => {
    for (const [, target] of page(name).matchAll(/\]\(([^)#]+)\)/g))
      expect(() => readFileSync(new URL(`schemas/spec/${target}`, root)), target).not.toThrow()
  })
})

/** Rule ids that tests and vectors of the whole repository name, by file. */
function namedIds(): Map<string, string[]> {
  const named = new Map<string, string[]>()
  const note = (file: string, text: string): void => {
    const ids = [...(text.match(ID) ?? []), ...between(text)]
    if (ids.length > 0) named.set(file, ids)
  }
  for (const folder of [
    'schemas/vectors/',
    'sdk/test/',
    'boards/test/',
    'gateway/test/',
    'device-sim/test/',
    'examples/first-light/test/',
  ])
    for (const name of list(folder)) note(folder + name, readFileSync(new URL(folder + name, root), 'utf8'))
  return named
}

/** Ids that "ANCHOR-1 to ANCHOR-4" stands for, of those that there are. */
function between(text: string): string[] {
  return [...text.matchAll(/\b([A-Z]+)-(\d+) to \1-(\d+)\b/g)].flatMap(([, page, from, to]) =>
    defined.filter((id) => {
      const [own, number] = id.split('-')
      return own === page && Number(number) >= Number(from) && Number(number) <= Number(to)
    }),
  )
}

/** Files of a folder that may not be there yet. */
function list(folder: string): string[] {
  try {
    return readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' }).filter((name) =>
      /\.(json|ts)$/.test(name),
    )
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

describe('rules that tests name', () => {
  it('are rules of the specification', () => {
    const unknown = [...namedIds()].flatMap(([file, ids]) =>
      ids.filter((id) => !defined.includes(id)).map((id) => `${file}: ${id}`),
    )
    expect(unknown).toEqual([])
  })

  it('are all of them', () => {
    const named = new Set([...namedIds()].flatMap(([, ids]) => ids))
    expect(defined.filter((id) => !named.has(id))).toEqual([])
  })
})
