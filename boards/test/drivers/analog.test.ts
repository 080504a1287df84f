import { describe, expect, it } from 'vitest'
import { soilProbe, windVane } from '../../src/drivers/index.ts'
import { fakeSession, silent } from './fake-session.ts'

const reading = (raw: number) => fakeSession({ analogRead: async () => raw })

describe('a wind vane', () => {
  it.each([
    [785, 0],
    [93, 90],
    [287, 180],
    [944, 270],
  ])('takes %i counts for %i degrees', async (raw, direction) => {
    const sensor = await windVane({ pin: 'A0' }).driver.start(reading(raw))
    expect(await sensor.read()).toEqual({ values: { raw, direction } })
  })

  it.each([0, 1023, 520])('keeps %i counts, which are no direction, and says that something is wrong', async (raw) => {
    const sensor = await windVane({ pin: 'A0' }).driver.start(reading(raw))
    expect(await sensor.read()).toMatchObject({ values: { raw, direction: null }, fault: { code: 'sensor-invalid' } })
  })

  it('turns with its mast, and stays within a circle', async () => {
    const turned = async (northDeg: number) =>
      (await (await windVane({ pin: 'A0', northDeg }).driver.start(reading(944))).read()).values.direction
    expect(await turned(100)).toBe(10)
    expect(await turned(-270)).toBe(0)
    expect(await turned(-300)).toBe(330)
  })

  it('reads the channel of its pin', async () => {
    const asked: number[] = []
    const session = fakeSession({ analogRead: async (channel) => asked.push(channel) })
    await (await windVane({ pin: 'A3' }).driver.start(session)).read()
    expect(asked).toEqual([3])
  })

  it('cannot be on a digital pin', () => {
    expect(() => windVane({ pin: 'D3' })).toThrow(/no analog pin/)
  })
})

describe('a soil probe', () => {
  const probe = soilProbe({ pin: 'A1', dryRaw: 520, wetRaw: 260 })

  it.each([
    [520, 0],
    [390, 50],
    [260, 100],
    [540, 0],
    [240, 100],
  ])('takes %i counts for %i percent', async (raw, wetness) => {
    expect(await (await probe.driver.start(reading(raw))).read()).toEqual({ values: { raw, wetness } })
  })

  it.each([0, 1023, 600, 200])('keeps %i counts, but gives no percentage: it is not connected', async (raw) => {
    const measured = await (await probe.driver.start(reading(raw))).read()
    expect(measured).toMatchObject({
      values: { raw, wetness: null },
      fault: { code: 'sensor-invalid', facts: { pin: 'A1', raw } },
    })
  })

  it('takes the middle of a few reports, and a pin that does not rest for one without a probe', async () => {
    const reports = (...counts: number[]) => fakeSession({ analogRead: async () => counts.shift() ?? 0 })
    const steady = await (await probe.driver.start(reports(388, 390, 391, 389, 390, 392))).read()
    expect(steady).toEqual({ values: { raw: 390, wetness: 50 } })
    const floating = await (await probe.driver.start(reports(300, 300, 410, 410, 390, 390))).read()
    expect(floating).toMatchObject({
      values: { raw: 390, wetness: null },
      fault: { code: 'sensor-invalid', facts: { pin: 'A1', spread: 110 } },
    })
  })

  it('cannot have one point of calibration for dry and for wet', () => {
    expect(() => soilProbe({ pin: 'A1', dryRaw: 400, wetRaw: 400 })).toThrow(/must differ/)
  })

  it('is silent when the board reports nothing', async () => {
    const sensor = await probe.driver.start(fakeSession({ analogRead: () => Promise.reject(silent()) }))
    await expect(sensor.read()).rejects.toMatchObject({ code: 'sensor-silent' })
  })
})
