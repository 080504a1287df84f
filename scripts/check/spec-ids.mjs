/** Every MUST of the specification has an id of its own, and every id that is named anywhere exists. */
import { listFiles, readText } from './files.mjs'

const SPEC = /^schemas\/spec\/.*\.md$/
const TEST = /\.(test|vectors)\.[mc]?ts$|^schemas\/generate\/.*\.mjs$|\/test\/.*\.[mc]?[jt]s$/
const DEFINITION = /^\s*- \*\*([A-Z]+-\d+)\*\*/
/** A MUST at the start of a paragraph or item; the rest of a rule is indented, and one sentence explains the word. */
const LOOSE_MUST = /^\S(?!.*RFC 2119).*\bMUST\b/

export function checkSpecIds(root) {
  const files = listFiles(root)
  const spec = files.filter((path) => SPEC.test(path))
  if (spec.length === 0) return ['schemas/spec holds no specification']
  const defined = new Map()
  const findings = spec.flatMap((path) => specFindings(path, readText(root, path), defined))
  const families = new Set([...defined.keys()].map((id) => id.split('-')[0]))
  const readers = files.filter((path) => SPEC.test(path) || TEST.test(path))
  return [...findings, ...readers.flatMap((path) => referenceFindings(path, readText(root, path), defined, families))]
}

/** Ids that are given twice, and MUSTs outside any numbered rule. */
function specFindings(path, text, defined) {
  return text.split('\n').flatMap((line, i) => {
    const at = `${path}:${i + 1}`
    const id = DEFINITION.exec(line)?.[1]
    if (id === undefined) return LOOSE_MUST.test(line) ? [`${at}: a MUST without an id`] : []
    const first = defined.get(id)
    defined.set(id, first ?? at)
    return first === undefined ? [] : [`${at}: ${id} is given already, at ${first}`]
  })
}

function referenceFindings(path, text, defined, families) {
  return text.split('\n').flatMap((line, i) => {
    const named = [...line.matchAll(/\b([A-Z]{2,})-(\d+)\b/g)].filter(([, family]) => families.has(family))
    return named
      .filter(([id]) => !defined.has(id))
      .map(([id]) => `${path}:${i + 1}: names ${id}, which the specification has not`)
  })
}
