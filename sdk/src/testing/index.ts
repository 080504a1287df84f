export type { AsyncExpectation, Expectation, TestApi } from './api.ts'
export { type ClockPlace, clockContract } from './clock-contract.ts'
export { type LinkPlace, linkContract } from './link-contract.ts'
export { eventOf, type LinkEvent, type LinkRecorder, openingOf, recordLink } from './link-recorder.ts'
export { createHub, type Hub, type HubOptions, type MessageFate } from './memory-hub.ts'
export type { HubMessage, MemoryLink } from './memory-link.ts'
export {
  createMemoryDisk,
  type DurableStep,
  type MemoryDisk,
  type MemoryOutboxOptions,
  openMemoryOutbox,
  type StepFate,
} from './memory-outbox.ts'
export { namedSigner, signerFromSecret } from './memory-signer.ts'
export { type OutboxPlace, outboxContract } from './outbox-contract.ts'
export { seededEntropy } from './seeded-entropy.ts'
export { signerContract } from './signer-contract.ts'
export { createVirtualClock, type VirtualClock, type VirtualClockOptions } from './virtual-clock.ts'
