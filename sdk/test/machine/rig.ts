/** One machine, its disk, a hub and a gateway, in virtual time. */
import { machineIdOf } from '../../src/base/index.ts'
import { pureHash, pureSuites, thumbprint } from '../../src/crypto/index.ts'
import {
  type Entropy,
  HEALTH,
  type Machine,
  type MachineEvent,
  type MachineOptions,
  type MachineTiming,
  type StreamOptions,
  startMachine,
} from '../../src/machine/index.ts'
import { nativeHash } from '../../src/native/index.ts'
import { noLink } from '../../src/node/index.ts'
import {
  createHub,
  createMemoryDisk,
  createVirtualClock,
  type DurableStep,
  type Hub,
  type HubMessage,
  type MemoryDisk,
  type MemoryLink,
  type MessageFate,
  namedSigner,
  openMemoryOutbox,
  type StepFate,
  seededEntropy,
  type VirtualClock,
} from '../../src/testing/index.ts'
import { encodeDefinition, type StreamDefinition } from '../../src/wire/index.ts'
import { FakeGateway, GATEWAY } from './fake-gateway.ts'

export const WEATHER: StreamDefinition = {
  name: 'weather',
  columns: [{ name: 'count', unit: 'count', exponent: 0, type: 'int' }],
  context: {},
}
export const SIGNER = namedSigner('station')
export const MACHINE_ID = machineIdOf(thumbprint(SIGNER, pureHash))

export const TIMING: Partial<MachineTiming> = {
  maxRows: 4,
  maxAgeMs: 10_000,
  headWaitMs: 100,
  healthMs: 0,
  resendMs: 1000,
  resendMaxMs: 8000,
}

/** What a test may change. */
export interface RigOptions {
  readonly timing?: Partial<MachineTiming>
  readonly streams?: readonly StreamOptions[]
  readonly stepFate?: (step: DurableStep) => StepFate
  readonly messageFate?: (message: HubMessage) => MessageFate
  readonly maxBytes?: number
  readonly disk?: MemoryDisk
  /** Starts without a gateway. */
  readonly alone?: boolean
  readonly onRow?: MachineOptions['onRow']
  readonly isRestored?: boolean
  /** Of the boot with that number, from 0. */
  readonly entropy?: (boot: number) => Entropy
}

/** The parts of a rig. */
export interface Rig {
  readonly clock: VirtualClock
  readonly hub: Hub
  readonly gateway: FakeGateway
  readonly disk: MemoryDisk
  readonly events: MachineEvent[]
  machine: Machine
  link: MemoryLink
  /** Cuts the power and starts again on the same disk. */
  restart(options?: RigOptions): Promise<void>
}

/** Starts a rig. */
export async function startRig(options: RigOptions = {}): Promise<Rig> {
  const clock = createVirtualClock()
  const hub = createHub({ clock, ...(options.messageFate && { fate: options.messageFate }) })
  const definitions = [WEATHER, HEALTH, ...(options.streams ?? []).map((s) => s.definition)].map(encodeDefinition)
  const gateway = new FakeGateway(hub, MACHINE_ID, definitions)
  const disk = options.disk ?? createMemoryDisk()
  const events: MachineEvent[] = []
  let boots = 0
  const boot = async (o: RigOptions): Promise<{ machine: Machine; link: MemoryLink }> => {
    const link = hub.link()
    const machine = await startMachine({
      signer: SIGNER,
      gateway: o.alone === true ? null : GATEWAY,
      isRestored: o.isRestored === true,
      streams: o.streams ?? [{ definition: WEATHER }],
      outbox: await openMemoryOutbox({
        disk,
        ...(o.stepFate && { fate: o.stepFate }),
        ...(o.maxBytes !== undefined && { maxBytes: o.maxBytes }),
      }),
      link: o.alone === true ? noLink() : link,
      clock,
      entropy: (o.entropy ?? seededEntropy)(boots++),
      hash: nativeHash,
      suites: pureSuites, // they verify at once: the thread pool of the native ones keeps no virtual time
      software: 'test',
      timing: { ...TIMING, ...o.timing },
      onEvent: (event) => events.push(event),
      ...(o.onRow && { onRow: o.onRow }),
    })
    return { machine, link }
  }
  const rig: Rig = {
    clock,
    hub,
    gateway,
    disk,
    events,
    ...(await boot(options)),
    async restart(o = options) {
      disk.cutPower()
      rig.link.cut('power cut')
      void rig.link.close() // a dead machine does not come back to fight for the session
      Object.assign(rig, await boot(o))
    },
  }
  await clock.advance(1)
  return rig
}

/** Records rows with values from..to-1. */
export async function record(rig: Rig, from: number, to: number): Promise<void> {
  for (let count = from; count < to; count++) await rig.machine.record('weather', { count })
}

/** Lets time pass in small steps, so that verification on the thread pool has its turns too. */
export async function pass(rig: Rig, ms: number, stepMs = 50): Promise<void> {
  for (let at = 0; at < ms; at += stepMs) await rig.clock.advance(stepMs)
}

/** Passes time until a condition holds; fails after `limitMs` of virtual time. */
export async function until(rig: Rig, condition: () => boolean, limitMs = 120_000): Promise<void> {
  for (let at = 0; at < limitMs; at += 50) {
    if (condition()) return
    await rig.clock.advance(50)
  }
  throw new Error(`still not so after ${limitMs} ms: ${condition.toString()}`)
}
