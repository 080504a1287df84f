/** One vector file: cases in JSON form, each checked by the reader it is for before it is written. */
import { hex, Refused, unhex } from './format/bytes.mjs'

/** `read(case)` takes the JSON case, throws Refused for a bad one, and returns the expected fields it can compute. */
export function suite({ description, spec, read, ...rest }) {
  const cases = []
  const push = (item) => {
    if (cases.some(({ name }) => name === item.name)) throw new Error(`two cases named "${item.name}"`)
    cases.push(JSON.parse(JSON.stringify(item)))
  }
  return {
    /** Adds a case that a reader accepts, with the fields it must compute. */
    accept(name, inputs, expected = {}) {
      push({ name, valid: true, ...inputs, ...expected })
      const item = cases.at(-1)
      const computed = JSON.parse(JSON.stringify(read(item) ?? {}))
      for (const [field, value] of Object.entries(computed))
        if (JSON.stringify(value) !== JSON.stringify(item[field]))
          throw new Error(`${name}: ${field} reads as ${JSON.stringify(value)}, not ${JSON.stringify(item[field])}`)
    },
    /** Adds a case that a reader refuses with this code. */
    reject(name, error, inputs) {
      // a failed check is a verdict, not an error: the case names it in `check`
      push({ name, valid: false, ...inputs, ...(error.startsWith('check:') ? {} : { error }) })
      const code = codeOf(() => read(cases.at(-1)))
      if (code !== error) throw new Error(`${name}: ${code ?? 'accepted'}, not ${error}`)
    },
    file: () => ({ description, spec, ...rest, cases }),
  }
}

function codeOf(run) {
  try {
    run()
  } catch (error) {
    if (error instanceof Refused) return error.code
    throw error
  }
}

/** A row or value in JSON: bytes become {hex}. */
export const toJson = (value) =>
  value instanceof Uint8Array ? { hex: hex(value) } : Array.isArray(value) ? value.map(toJson) : value
export const fromJson = (value) =>
  Array.isArray(value) ? value.map(fromJson) : value?.hex !== undefined ? unhex(value.hex) : value

/** JSON with one line a field of a case, so that a change shows as a short difference. */
export function print(file) {
  const line = (key, value) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`
  const head = Object.entries(file).filter(([key]) => key !== 'cases')
  const cases = file.cases.map(
    (item) =>
      `    {\n${Object.entries(item)
        .map(([k, v]) => `      ${line(k, v)}`)
        .join(',\n')}\n    }`,
  )
  return `{\n${head.map(([k, v]) => `  ${line(k, v)},\n`).join('')}  "cases": [\n${cases.join(',\n')}\n  ]\n}\n`
}
