/**
 * What a contract suite needs of a test runner, so that it can be run by vitest, by node:test with an `expect`, or by
 * whoever writes an adapter elsewhere. This package does not depend on a runner.
 */

/** The assertions that the suites use. */
export interface Expectation {
  toBe(expected: unknown): void
  toEqual(expected: unknown): void
  toMatchObject(expected: object): void
  toBeGreaterThan(expected: number): void
  toBeLessThanOrEqual(expected: number): void
}

/** An assertion about what a promise comes to. */
export interface AsyncExpectation {
  readonly rejects: { toMatchObject(expected: object): Promise<void> }
}

/** A test runner: `import { describe, expect, it } from 'vitest'` fits. */
export interface TestApi {
  describe(name: string, body: () => void): unknown
  it(name: string, body: () => Promise<void>): unknown
  expect(actual: unknown): Expectation & AsyncExpectation
}
