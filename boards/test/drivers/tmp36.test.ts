import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { tmp36 } from '../../src/drivers/index.ts'
import { fakeSession } from './fake-session.ts'

const text = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')

describe('a TMP36, the example of CONTRIBUTING', () => {
  it('is shown there as it is', () => {
    expect(text('CONTRIBUTING.md')).toContain(`\`\`\`ts\n${text('boards/src/drivers/tmp36.ts')}\`\`\``)
  })

  it.each([
    [102, -0.1],
    [153, 24.8],
    [205, 50.2],
  ])('takes %i counts for %d Cel', async (raw, celsius) => {
    const sensor = await tmp36('A3').driver.start(fakeSession({ analogRead: async () => raw }))
    const { values } = await sensor.read()
    expect(values.raw).toBe(raw)
    expect(values.temperature).toBeCloseTo(celsius, 1)
  })

  it.each([0, 1023])('gives no temperature of %i counts: it is not connected', async (raw) => {
    const sensor = await tmp36('A3').driver.start(fakeSession({ analogRead: async () => raw }))
    expect(await sensor.read()).toMatchObject({ values: { raw, temperature: null }, fault: { code: 'sensor-invalid' } })
  })
})
