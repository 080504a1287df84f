/** station.yaml: what init writes, what run reads. */
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  type Choices,
  environmentOverrides,
  parseConfig,
  stationFileText,
  stationJsonSchema,
  withGateway,
} from '../../src/config/index.ts'
import { STATIONS } from '../../src/stations/index.ts'

const NONE: Choices = { port: null, gateway: null, owner: null }
const NAMES = Object.keys(STATIONS)
const OWNER = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed'

function profile(name: string): (typeof STATIONS)[string] {
  return STATIONS[name] ?? expect.fail(name)
}

const text = (name: string, choices = NONE): string => stationFileText(profile(name), choices)
const parse = (yaml: string): unknown => parseConfig(yaml, STATIONS)

/** Takes the # from every setting that has one: what a person might do with the whole file. */
function uncommented(yaml: string): string {
  return yaml.replace(/^( *)# ([a-zA-Z]+: \S+)$/gm, '$1$2')
}

describe('a new station.yaml', () => {
  it.each(NAMES)('of a %s has the defaults, whether its settings are commented out or in', (name) => {
    const { profile: _, definition, ...all } = parseConfig(text(name), STATIONS)
    const { profile: __, definition: other, ...same } = parseConfig(uncommented(text(name)), STATIONS)
    expect(same).toEqual(all)
    expect(Object.keys(other.streams)).toEqual(Object.keys(definition.streams))
    expect(uncommented(text(name)).split('\n').length).toBe(text(name).split('\n').length)
    expect(uncommented(text(name))).not.toBe(text(name))
  })

  it.each(NAMES)('of a %s names every setting with a comment', (name) => {
    const lines = text(name).split('\n')
    const schema = z.toJSONSchema(profile(name).settings, { io: 'input' })
    for (const setting of Object.keys(schema.properties ?? {})) {
      const at = lines.findIndex((line) => new RegExp(`^  (# )?${setting}:`).test(line))
      expect(at, setting).toBeGreaterThan(0)
      expect(lines[at - 1], setting).toMatch(/^ +# /)
    }
  })

  it('holds what was chosen', () => {
    const choices = { port: '/dev/serial/by-id/usb-x', gateway: 'http://127.0.0.1:8787', owner: OWNER }
    expect(parse(text('weather-station', choices))).toMatchObject(choices)
  })

  it('keeps every other byte when a gateway is added later', () => {
    const before = text('weather-station')
    const after = withGateway(before, 'https://example.org')
    expect(parse(after)).toMatchObject({ gateway: 'https://example.org' })
    expect(after.replace('gateway: "https://example.org"', '# gateway: null')).toBe(before)
    expect(() => withGateway(after, 'https://example.net')).toThrow(/names a gateway/)
    expect(parse(withGateway('version: 1\nstation: weather-station\n', 'http://a.b'))).toMatchObject({
      gateway: 'http://a.b',
    })
  })
})

describe('the configuration', () => {
  it('names every fault with its path, in one message', () => {
    const yaml = [
      'version: 2',
      'station: weather-station',
      'gateway: ftp://example.org',
      'owner: "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAee"',
      'color: red',
      'readings: { keepDays: 0 }',
      'settings: { everyMs: 1, rain: { mmPerTip: a lot } }',
    ].join('\n')
    const faults = [
      /version: /,
      /gateway: /,
      /owner: want an address/,
      /color/,
      /readings\.keepDays: /,
      /settings\.everyMs: /,
    ]
    for (const fault of [...faults, /settings\.rain\.mmPerTip: /]) expect(() => parse(yaml)).toThrow(fault)
    expect(() => parse(yaml)).toThrow(/^config-invalid: station\.yaml: /)
  })

  it.each([
    ['a key that stands twice', 'version: 1\nversion: 1\nstation: weather-station'],
    ['a tab as indent', 'version: 1\nstation: weather-station\nsettings:\n\teveryMs: 1000'],
    ['a list', '- version: 1'],
    ['nothing', ''],
    ['an alias', 'version: 1\nstation: &a weather-station\nport: *a'],
    ['an unknown station', 'version: 1\nstation: toString'],
  ])('is refused with %s', (_, yaml) => {
    expect(() => parse(yaml)).toThrow(/^config-invalid: station\.yaml: /)
  })

  it('takes port and gateway from the environment, and nothing else', () => {
    const env = { FIELDPROOF_PORT: '/dev/ttyACM0', FIELDPROOF_GATEWAY: '', FIELDPROOF_OWNER: OWNER }
    const config = parseConfig(text('weather-station'), STATIONS, environmentOverrides(env))
    expect(config).toMatchObject({ port: '/dev/ttyACM0', gateway: null, owner: null })
    expect(Object.isFrozen(config)).toBe(true)
  })
})

/** As the formatter has it. */
function oneLine(_: string, items: string): string {
  return `[${items.replace(/\s*\n\s*/g, ' ')}]`
}

describe('schemas/config/station.json', () => {
  it('is what the options say (vitest -u writes it)', async () => {
    const json = `${JSON.stringify(stationJsonSchema(STATIONS), null, 2).replace(/\[\s+([^[\]{}]*?)\s+\]/g, oneLine)}\n`
    await expect(json).toMatchFileSnapshot('../../../schemas/config/station.json')
  })
})
