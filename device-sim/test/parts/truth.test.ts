import { expect, test } from 'vitest'
import { createTruth } from '../../src/parts/truth.ts'

test('a truth gives the latest value of a quantity, also as of an earlier moment', () => {
  const truth = createTruth()
  truth.say(10, 'a', 1)
  truth.say(20, 'b', 2)
  truth.say(30, 'a', null)
  expect(truth.latest('a')).toEqual({ ms: 30, quantity: 'a', value: null })
  expect(truth.latest('a', 29.9)?.value).toBe(1)
  expect(truth.latest('b', 19)).toBeUndefined()
})

test('a truth remembers as many entries as it was told, and counts those that it has forgotten', () => {
  const truth = createTruth(10)
  for (let i = 0; i < 95; i++) truth.say(i, 'a', i)
  const { length } = truth.entries()
  expect(length).toBeGreaterThanOrEqual(10)
  expect(length).toBeLessThan(20)
  expect(truth.forgotten() + length).toBe(95)
  expect(truth.entries()[0]?.value).toBe(truth.forgotten())
})
