/**
 * Feeds a decoder what nobody should send it. A decoder may return a value or throw a FieldproofError with a registered
 * code; anything else is a failure, and so is a value that does not encode to the bytes that it came from.
 */
import { CODES, FieldproofError } from '../../src/base/index.ts'
import { generatorOf, spell } from './generate.ts'
import { Random } from './random.ts'

/** How inputs of a decoder look, which says how they are damaged. */
export type Form = 'cbor' | 'rlp' | 'bytes' | 'text' | 'json'

/** One decoder that meets input from outside. */
export interface Target<I = unknown> {
  readonly name: string
  readonly form: Form
  /** Share of the runs, 1 when absent; less for what is slow. */
  readonly weight?: number
  /** Largest input that is made of chance alone, in bytes; 65 536 when absent. */
  readonly maxBytes?: number
  /** Inputs, most of them valid. */
  readonly samples: readonly I[]
  /** Decodes; checks the round trip where there is an encoder. */
  readonly run: (input: I) => unknown
}

/** What came of one decoder. */
export interface Outcome {
  readonly name: string
  readonly runs: number
  readonly accepted: number
  readonly codes: ReadonlyMap<string, number>
  readonly slowestMs: number
  readonly largestBytes: number
  readonly failure: Failure | null
}

/** The first input that was met otherwise than with a value or a code. */
export interface Failure {
  readonly why: string
  /** Hex of the bytes, or of the JSON that spells the input. */
  readonly input: string
  readonly run: number
}

/** Measures one run, where bounds on work matter. */
export interface Meter {
  readonly nowMs: () => number
  readonly usedBytes: () => number
  readonly maxMs: number
  readonly maxGrowthBytes: number
}

/** Runs a decoder on its samples, then on `runs` inputs made of them. */
export async function fuzz(target: Target, options: { seed: number; runs: number; meter?: Meter }): Promise<Outcome> {
  const tally = new Tally(target, options.meter)
  const random = new Random(options.seed, target.name)
  const next = generatorOf(target, random)
  for (let run = 0; run < options.runs && tally.failure === null; run++) {
    await tally.try(run < target.samples.length ? target.samples[run] : next(), run)
  }
  return tally.outcome()
}

class Tally {
  failure: Failure | null = null
  readonly #target: Target
  readonly #meter: Meter | undefined
  readonly #codes = new Map<string, number>()
  #runs = 0
  #accepted = 0
  #slowestMs = 0
  #largestBytes = 0

  constructor(target: Target, meter: Meter | undefined) {
    this.#target = target
    this.#meter = meter
  }

  async try(input: unknown, run: number): Promise<void> {
    const before = this.#meter?.usedBytes() ?? 0
    const start = this.#meter?.nowMs() ?? 0
    const why = await this.#fault(input)
    this.#runs += 1
    const slow = this.#measure(start, before)
    if (why !== null || slow !== null) this.failure = { why: why ?? slow ?? '', input: spell(input), run }
  }

  outcome(): Outcome {
    return {
      name: this.#target.name,
      runs: this.#runs,
      accepted: this.#accepted,
      codes: this.#codes,
      slowestMs: this.#slowestMs,
      largestBytes: this.#largestBytes,
      failure: this.failure,
    }
  }

  async #fault(input: unknown): Promise<string | null> {
    try {
      const value = this.#target.run(input)
      if (value instanceof Promise) await value
      this.#accepted += 1
      return null
    } catch (error) {
      if (!(error instanceof FieldproofError))
        return error instanceof Error ? (error.stack ?? error.message) : String(error)
      if (!Object.hasOwn(CODES, error.code)) return `a code that is not registered: ${error.code}`
      this.#codes.set(error.code, (this.#codes.get(error.code) ?? 0) + 1)
      return null
    }
  }

  #measure(start: number, before: number): string | null {
    if (this.#meter === undefined) return null
    const ms = this.#meter.nowMs() - start
    const grown = this.#meter.usedBytes() - before
    this.#slowestMs = Math.max(this.#slowestMs, ms)
    this.#largestBytes = Math.max(this.#largestBytes, grown)
    if (ms > this.#meter.maxMs) return `took ${ms.toFixed(0)} ms`
    return grown > this.#meter.maxGrowthBytes ? `grew the heap by ${grown} bytes` : null
  }
}

/** Fails the run unless an encoder gives back what was decoded. */
export function expectAgain(input: Uint8Array | string, encoded: Uint8Array | string): void {
  const [a, b] = [input, encoded].map((part) => (typeof part === 'string' ? part : Buffer.from(part).toString('hex')))
  if (a !== b) throw new Error(`decoded and encoded again it is ${b}`)
}

/** Fails the run when something is not so. */
export function expectThat(isSo: boolean, what: string): void {
  if (!isSo) throw new Error(what)
}
