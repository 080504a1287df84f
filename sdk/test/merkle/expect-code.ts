import { expect } from 'vitest'
import { type Code, type Facts, FieldproofError } from '../../src/base/index.ts'

/** Expects `run` to throw a FieldproofError of this code, carrying at least these facts. */
export function expectCode(run: () => unknown, code: Code, facts: Facts = {}): void {
  let thrown: unknown
  try {
    run()
  } catch (error) {
    thrown = error
  }
  expect(thrown).toBeInstanceOf(FieldproofError)
  expect((thrown as FieldproofError).code).toBe(code)
  expect((thrown as FieldproofError).facts).toMatchObject(facts)
}

/** {@link expectCode} for promises. */
export async function expectCodeOf(promise: Promise<unknown>, code: Code): Promise<void> {
  const thrown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  )
  expectCode(() => {
    if (thrown !== undefined) throw thrown
  }, code)
}
