/** Random steps of several machines and people, for the model test of MachineRegistry. */
import fc from 'fast-check'

/** Every way in which a signature, or what is sent with it, may be wrong. */
export const LIES = [
  'owner',
  'homeLog',
  'machine',
  'thumbprint',
  'nonce',
  'deadline',
  'chain',
  'registry',
  'signer',
  'verifier',
  'of the bare digest',
  'high s',
  '65 bytes',
  '63 bytes',
  'too late',
] as const

const person = fc.nat(3)
/** A person, or nobody. */
const anyone = fc.nat(4)
/** Whether the owner calls; else a person, who may be the owner. */
const by = fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: person })
const key = fc.nat(8)
const lie = fc.option(fc.constantFrom(...LIES), { freq: 2, nil: undefined })
const machine = fc.nat(20)
const log = fc.nat(5)
const act = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('enrol'), key, owner: anyone, log, by, lie }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('enrolUnproven'), which: fc.nat(1), log, by }) },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('rotate'), machine, key, at: fc.nat(4), old: fc.nat(7), by, lie }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('retire'), old: fc.nat(20), at: fc.nat(4), by }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('revoke'), old: fc.nat(20), by }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('warn'), old: fc.nat(20), since: fc.bigInt(0n, 2n ** 64n - 1n), by }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('moveHome'), machine, log, by }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('transfer'), machine, from: by, to: anyone, by }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('approve'), machine, to: anyone, by }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('approveAll'), to: anyone, approved: fc.boolean(), by }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('replay'), nth: fc.nat(1000), by: person }) },
)
const step = fc.record({ blocks: fc.bigInt(0n, 4n), seconds: fc.bigInt(0n, 600n), act })

/** Some time passes, then somebody does something. */
export type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** What somebody does: numbers that choose among what there is by then. */
export type Act<TName extends Step['act']['do'] = Step['act']['do']> = Extract<Step['act'], { do: TName }>

/** One of {@link LIES}, or none. */
export type Lie = (typeof LIES)[number] | undefined

/** Whole lives. */
export const lives: fc.Arbitrary<Step[]> = fc.array(step, { minLength: 1, maxLength: 140, size: 'max' })
