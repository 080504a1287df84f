/**
 * A schema as commented YAML: every setting with what it is, its range and its default, and only what differs from the default without
 * a `#`. Made from the JSON Schema of the settings, so that file, check and editor cannot disagree.
 */

/** The part of JSON Schema that our settings use. */
export interface SettingSchema {
  readonly description?: string
  readonly default?: unknown
  readonly type?: string | readonly string[]
  readonly properties?: Readonly<Record<string, SettingSchema>>
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly SettingSchema[]
  readonly minimum?: number
  readonly maximum?: number
}

const WIDTH = 110

/**
 * Lines of a section.
 * @param values what is not as the default has it, in the shape of the section
 */
export function settingLines(schema: SettingSchema, values: Readonly<Record<string, unknown>>, indent = ''): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, one]) => {
    const value = values[name]
    const comment = wrap(sentenceOf(one), indent)
    if (one.properties !== undefined) {
      const inner = isMapping(value) ? value : {}
      return ['', ...comment, `${indent}${name}:`, ...settingLines(one, inner, `${indent}  `)]
    }
    const line =
      value === undefined ? `${indent}# ${name}: ${yamlOf(one.default ?? null)}` : `${indent}${name}: ${yamlOf(value)}`
    return [...(indent === '' ? [''] : []), ...comment, line]
  })
}

/** What a setting is, its range, its default. */
function sentenceOf(schema: SettingSchema): string {
  if (schema.properties !== undefined) return schema.description ?? ''
  const { description = '' } = schema
  const facts = [rangeOf(schema), defaultOf(schema)].filter((fact) => fact !== '')
  return [description, facts.length === 0 ? '' : `(${facts.join('; ')})`].filter((part) => part !== '').join(' ')
}

function rangeOf({ enum: choices, anyOf, minimum, maximum, type }: SettingSchema): string {
  if (choices !== undefined) return choices.map(yamlOf).join(' or ')
  if (type === 'boolean') return 'true or false'
  if (minimum !== undefined && maximum !== undefined) return `${minimum} to ${maximum}`
  const inner = (anyOf ?? []).filter((one) => one.type !== 'null')
  if (inner.length > 1 && inner.every((one) => one.const !== undefined)) {
    return inner.map((one) => yamlOf(one.const)).join(' or ')
  }
  return inner[0] === undefined ? '' : rangeOf(inner[0])
}

function defaultOf({ default: value }: SettingSchema): string {
  return value === undefined ? '' : `default ${value === null ? 'none' : yamlOf(value)}`
}

/** JSON of a scalar is YAML; plain words need no quotes. */
function yamlOf(value: unknown): string {
  if (
    typeof value === 'string' &&
    /^[A-Za-z][A-Za-z0-9_/-]*$/.test(value) &&
    !/^(true|false|null|yes|no|on|off)$/i.test(value)
  ) {
    return value
  }
  return JSON.stringify(value)
}

function wrap(text: string, indent: string): string[] {
  if (text === '') return []
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last === undefined || indent.length + 2 + last.length + 1 + word.length > WIDTH) lines.push(word)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines.map((line) => `${indent}# ${line}`)
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
