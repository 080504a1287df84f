/** `fieldproof init` of a station with a board. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { COMMANDS } from '../../src/cli/main.ts'
import { type GatewayStub, gatewayStub } from './gateway-stub.ts'
import { openPlace, type Place, PORT } from './kit.ts'

const OWNER = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed'
const OTHER = '0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359'

let place: Place
let gateway: GatewayStub
beforeEach(async () => {
  place = openPlace()
  gateway = await gatewayStub()
})
afterEach(async () => {
  place.end()
  await gateway.close()
})

const init = (...args: string[]): ReturnType<Place['run']> => place.run(['init', place.dir, ...args])
/** Files by name, without what SQLite keeps beside a database while it is open. */
function contents(): Record<string, string> {
  const names = readdirSync(place.dir).filter((name) => !name.startsWith('outbox.db-'))
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(place.dir, name), 'latin1')]))
}
const yaml = (): string => readFileSync(join(place.dir, 'station.yaml'), 'utf8')

describe('fieldproof init', () => {
  it('makes everything that a station needs, for its owner alone', async () => {
    const { code, out } = await init('--station', 'weather-station', '--port', PORT, '--owner', OWNER, '--json')
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({
      created: true,
      files: ['machine.key', 'outbox.db', 'station.yaml', 'wiring.svg', 'fieldproof.service'],
      station: 'weather-station',
      gateway: null,
      enrolment: null,
    })
    expect(yaml()).toContain(`port: "${PORT}"`)
    expect(yaml()).toContain(`owner: "${OWNER}"`)
    expect(statSync(place.dir).mode & 0o777).toBe(0o700)
    expect(statSync(join(place.dir, 'machine.key')).mode & 0o777).toBe(0o600)
  })

  it('changes nothing that exists, however often it is called', async () => {
    await init('--station', 'weather-station')
    const before = contents()
    expect(await init('--station', 'weather-station', '--json')).toMatchObject({ code: 0, err: '' })
    expect(await init()).toMatchObject({ code: 0, out: expect.stringContaining('nothing new') })
    expect(contents()).toEqual(before)
  })

  it('asks nobody where there is no terminal, and says what to pass', async () => {
    expect(await init()).toMatchObject({
      code: 2,
      err: expect.stringContaining('weather-station or irrigation-station'),
    })
    expect(existsSync(place.dir)).toBe(false)
  })

  it('asks a person for station, port and gateway, until the answers are some', async () => {
    const answers = ['x', '2', '', 'not an address', gateway.url]
    const asked: string[] = []
    const ask = async (question: string): Promise<string> => {
      asked.push(question)
      return answers.shift() ?? expect.fail('asked too often')
    }
    const { code } = await place.run(['init', place.dir], { isInteractive: true, ask })
    // no port is plugged in, so it is not asked for
    expect([code, asked.length, answers]).toEqual([0, 3, ['not an address', gateway.url]])
    expect(yaml()).toContain('station: irrigation-station')
  })

  it.each([
    ['a station that it does not know', ['--station', 'toString']],
    ['an owner that is none', ['--station', 'weather-station', '--owner', '0x12']],
    ['an owner with a digit that was mistyped', ['--station', 'weather-station', '--owner', OWNER.replace('d', 'e')]],
    ['an option that it does not know', ['--station', 'weather-station', '--colour', 'red']],
  ])('refuses %s, and makes nothing', async (_, args) => {
    expect((await init(...args)).code).toBe(2)
    expect(existsSync(place.dir)).toBe(false)
  })

  it('refuses to change what was chosen, and says where to', async () => {
    await init('--station', 'weather-station', '--port', PORT)
    const before = contents()
    for (const args of [
      ['--station', 'irrigation-station'],
      ['--port', '/dev/ttyUSB1'],
      ['--owner', OWNER],
    ]) {
      expect(await init(...args)).toMatchObject({ code: 2, err: expect.stringContaining('change it there') })
    }
    expect(contents()).toEqual(before)
  })
})

describe('a gateway', () => {
  it('is pinned, and enrols the machine, with the owner that it names', async () => {
    gateway.owner = OWNER.toLowerCase()
    const { code, out } = await init('--station', 'weather-station', '--gateway', gateway.url, '--owner', OWNER)
    expect(code).toBe(0)
    expect(out).toContain(`enrolled, owner ${OWNER}`)
    expect(gateway.agreed.length).toBe(1)
    expect(JSON.parse(contents()['gateway.json'] ?? '')).toMatchObject({ origin: 'example.org/log' })
  })

  it('that enrols for somebody else is refused, and nothing is signed', async () => {
    gateway.owner = OTHER
    const { code, err } = await init('--station', 'weather-station', '--gateway', gateway.url, '--owner', OWNER)
    expect(code).toBe(1)
    expect(err).toContain(`enrol-refused: the gateway enrols machines for ${OTHER.toLowerCase()}`)
    expect(err).toContain(OWNER.toLowerCase())
    expect(gateway.agreed).toEqual([])
  })

  it('may be added later, and changes one line and nothing else', async () => {
    await init('--station', 'weather-station')
    const before = contents()
    expect(await init('--gateway', gateway.url)).toMatchObject({ code: 0, err: '' })
    const after = contents()
    expect(after['station.yaml']?.replace(`gateway: "${gateway.url}"`, '# gateway: null')).toBe(before['station.yaml'])
    for (const [name, text] of Object.entries(before)) if (name !== 'station.yaml') expect(after[name], name).toBe(text)
    expect(await init('--gateway', 'http://127.0.0.1:1')).toMatchObject({
      code: 2,
      err: expect.stringContaining(gateway.url),
    })
  })

  it('that cannot be reached leaves a station without one as it is', async () => {
    await init('--station', 'weather-station')
    const before = contents()
    expect(await init('--gateway', 'http://127.0.0.1:1')).toMatchObject({
      code: 1,
      err: expect.stringContaining('link-failed'),
    })
    expect(contents()).toEqual(before)
  })
})

describe('every command', () => {
  it.each(Object.keys(COMMANDS))('%s has a help with its options and an example', async (name) => {
    const { code, out } = await place.run([name, '--help'])
    expect(code).toBe(0)
    expect(out).toMatch(new RegExp(`^fieldproof ${name}`))
    expect(out).toContain('--json')
    expect(out.split('\n').some((line) => line.startsWith(`  fieldproof ${name}`))).toBe(true)
  })

  it.each(Object.keys(COMMANDS))('%s tells an error as JSON, on request', async (name) => {
    const { code, err, out } = await place.run([name, '--json', '--no-such-option'])
    expect([code, out]).toEqual([2, ''])
    expect(JSON.parse(err)).toMatchObject({
      error: { code: 'usage', retry: 'repair', docs: 'schemas/errors.md#usage' },
    })
  })
})
