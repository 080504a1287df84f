import { utf8 } from '@fieldproof/sdk/base'
import { describe, expect, test } from 'vitest'
import { METHOD, methodText, NO_SENSOR_NOISE, SEATTLE_SHA256 } from '../../src/world/index.ts'

describe('the text of the method', () => {
  test('says that the values are not measured, and takes at most 400 bytes', () => {
    expect(METHOD).toMatch(/^Not measured here/)
    expect(utf8(METHOD).length).toBeLessThanOrEqual(400)
  })

  test('with seed, station, record and noise fits the 1024 bytes of its context key', () => {
    const noise = { ...NO_SENSOR_NOISE, windGain: 1e-300 / 3, windMps: 1e-300 / 7 }
    const text = methodText(2 ** 32 - 1, 'a'.repeat(64), noise)
    expect(utf8(text).length).toBeLessThanOrEqual(1024)
    for (const part of [METHOD, '4294967295', 'a'.repeat(64), SEATTLE_SHA256]) expect(text).toContain(part)
  })

  test('differs between seeds, stations and noises', () => {
    const texts = [methodText(1, 'a'), methodText(2, 'a'), methodText(1, 'b'), methodText(1, 'a', NO_SENSOR_NOISE)]
    expect(new Set(texts).size).toBe(4)
  })

  test('is not made for a seed or a station that cannot be', () => {
    expect(() => methodText(-1, 'a')).toThrow(expect.objectContaining({ code: 'out-of-range' }))
    expect(() => methodText(1, 'A')).toThrow(expect.objectContaining({ code: 'out-of-range' }))
  })
})
