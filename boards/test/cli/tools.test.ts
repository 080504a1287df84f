/** `fieldproof ports`, `sensors`, `flash` and `wiring` on a made-up computer with a modelled board. */
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openPlace, type Place, PORT, put } from './kit.ts'
import { BY_ID, plugIn, putProcess } from './made-up-computer.ts'

let place: Place
beforeEach(async () => {
  place = openPlace()
  await place.run(['init', place.dir, '--station', 'weather-station', '--port', BY_ID])
})
afterEach(() => place.end())

describe('fieldproof ports', () => {
  it('lists ports with the name that stays, ids, driver and holder', async () => {
    plugIn(place)
    putProcess(place, 99, 'node', PORT)
    const { ports } = JSON.parse((await place.run(['ports', '--json'])).out)
    expect(ports).toEqual([
      {
        path: PORT,
        byId: BY_ID,
        byPath: null,
        vendorId: '2341',
        productId: '0043',
        product: 'Arduino Uno',
        serialNumber: 'A1',
        driver: 'cdc_acm',
        isUsable: true,
        holders: [{ pid: 99, command: 'node' }],
      },
    ])
    expect((await place.run(['ports'])).out).toContain('2341:0043, Arduino Uno, cdc_acm, held by node (99)')
  })

  it('says what to do when there is none', async () => {
    expect(await place.run(['ports'])).toMatchObject({
      code: 0,
      out: expect.stringContaining('cable that carries data'),
    })
  })
})

describe('fieldproof sensors', () => {
  it('reads every sensor once, with unit and quality', async () => {
    const { code, out } = await place.run(['sensors', place.dir, '--json'])
    expect(code).toBe(0)
    const { sensors } = JSON.parse(out)
    expect(sensors.map(({ sensor }: { sensor: string }) => sensor)).toEqual(['air', 'rain', 'wind', 'vane'])
    expect(sensors[0]).toMatchObject({
      fault: null,
      values: [{ quantity: 'temperature', unit: 'Cel', quality: 'pass' }, {}, {}],
    })
  })

  it('leaves a board alone that somebody has', async () => {
    plugIn(place)
    putProcess(place, 99, 'node', PORT)
    expect(await place.run(['sensors', place.dir])).toMatchObject({
      code: 1,
      err: expect.stringContaining('held by node (process 99)'),
    })
  })

  it('ends with 1 when a sensor failed, and says which wires to look at', async () => {
    const path = join(place.dir, 'station.yaml')
    writeFileSync(path, readFileSync(path, 'utf8').replace('# address: 118', 'address: 119'))
    const { code, out } = await place.run(['sensors', place.dir])
    expect([code, out]).toEqual([
      1,
      expect.stringMatching(/air .*\n {2}sensor-silent: .*\n {2}-> check its wires.*SDA to A4/),
    ])
  })
})

describe('fieldproof flash', () => {
  it('prints the exact command, with an image that is the one of its manifest', async () => {
    const { code, out } = await place.run(['flash', '--port', BY_ID, '--json'])
    const { command, buildId } = JSON.parse(out)
    expect(code).toBe(0)
    expect(command.join(' ')).toMatch(
      /^avrdude -p atmega328p -c arduino -b 115200 -P \S+Arduino-if00 -D -U flash:w:\S+fieldproof\.hex:i$/,
    )
    expect(buildId).toMatch(/^[0-9a-f]{16}$/)
  })

  it('runs it only on request, only if the tool is installed, and never on a port that is held', async () => {
    plugIn(place)
    const ran: string[] = []
    const bin = join(place.root, 'bin')
    put(place.root, 'bin/avrdude', '')
    chmodSync(join(bin, 'avrdude'), 0o755)
    const runProgram = async (program: string, args: readonly string[]): Promise<number> => {
      ran.push(`${program} ${args.length}`)
      return 0
    }
    const env = { PATH: bin }
    expect(await place.run(['flash', '--run'], { runProgram })).toMatchObject({
      code: 2,
      err: expect.stringContaining('not installed'),
    })
    expect(await place.run(['flash'], { runProgram, env })).toMatchObject({ code: 0 })
    expect(ran).toEqual([])
    expect(await place.run(['flash', '--run'], { runProgram, env })).toMatchObject({ code: 0 })
    expect(ran).toEqual(['avrdude 11'])
    putProcess(place, 99, 'node', PORT)
    expect(await place.run(['flash', '--run'], { runProgram, env })).toMatchObject({ code: 1 })
    expect(ran.length).toBe(1)
  })

  it('guesses no port where there are several', async () => {
    plugIn(place, 'ttyACM0', { byId: '' })
    plugIn(place, 'ttyACM1', { byId: '', serial: 'A2' })
    expect(await place.run(['flash'])).toMatchObject({ code: 2, err: expect.stringContaining('several') })
  })
})

describe('fieldproof wiring', () => {
  it('shows a kind of station, or the one in a folder, and writes a diagram to a new file only', async () => {
    expect((await place.run(['wiring', 'irrigation-station'])).out).toContain('D7')
    const svg = join(place.root, 'porch.svg')
    expect(await place.run(['wiring', place.dir, '--svg', svg])).toMatchObject({ code: 0 })
    expect(readFileSync(svg, 'utf8')).toBe(readFileSync(join(place.dir, 'wiring.svg'), 'utf8'))
    expect((await place.run(['wiring', place.dir, '--svg', svg])).code).toBe(2)
    expect(await place.run(['wiring', 'nowhere'])).toMatchObject({ code: 2 })
  })
})
