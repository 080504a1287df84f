/** Finds what a module imports, by its text: import and export declarations, dynamic imports, require and resolve. */

const CLAUSE = String.raw`(?:[\w$\s{},*]|"[^"\n]*"|//[^\n]*|/\*[\s\S]*?\*/)*?`
const DECLARATION = new RegExp(String.raw`^[ \t]*(import|export)\b(${CLAUSE})\bfrom\s*(['"])([^'"\n]+)\3`, 'gm')
const SIDE_EFFECT = /^[ \t]*import\s*(['"])([^'"\n]+)\1/gm
const CALL = /\b(?:import|require|require\.resolve|import\.meta\.resolve)\(\s*(['"`])([^'"`\n$]+)\1\s*[,)]/g
/** `import(` of something that is not a literal: nobody can say what it loads. */
const COMPUTED = /\bimport\(\s*(?!\s*(['"`])[^'"`\n$]+\1\s*[,)])/g
/** Every line that begins an import declaration; one that the patterns above did not read must not pass unseen. */
const BEGINNING = /^[ \t]*import\b(?!\s*[(.])/gm

/**
 * @returns specifiers with their lines, and the lines of imports that could not be read or are computed
 */
export function scanImports(text) {
  const code = blankBlockComments(text)
  const found = []
  const starts = new Set()
  const add = (index, specifier) => found.push({ specifier, line: lineAt(code, index) })
  for (const match of code.matchAll(DECLARATION)) {
    starts.add(match.index)
    add(match.index + match[0].length - 1, match[4])
  }
  for (const match of code.matchAll(SIDE_EFFECT)) {
    starts.add(match.index)
    add(match.index, match[2])
  }
  for (const match of code.matchAll(CALL)) if (!isComment(code, match.index)) add(match.index, match[2])
  const unread = [...code.matchAll(BEGINNING)].filter((match) => !starts.has(match.index))
  const computed = [...code.matchAll(COMPUTED)].filter((match) => !isComment(code, match.index))
  return { found, unread: lines(code, unread), computed: lines(code, computed) }
}

/** Comments that begin a line, so that an example in a doc comment is no import; line numbers stay. */
function blankBlockComments(text) {
  return text.replace(/^[ \t]*\/\*[\s\S]*?\*\//gm, (comment) => comment.replace(/[^\n]/g, ' '))
}

function isComment(code, index) {
  return /^\s*(\/\/|\*)|\s\/\/ /.test(code.slice(code.lastIndexOf('\n', index) + 1, index))
}

function lines(code, matches) {
  return matches.map((match) => lineAt(code, match.index))
}

function lineAt(code, index) {
  return code.slice(0, index).split('\n').length
}
