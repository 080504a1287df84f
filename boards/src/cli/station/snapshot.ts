/** Everything that page and metrics show, from one moment. */
import type { Clock, OutboxUsage } from '@fieldproof/sdk/machine'
import type { StationConfig } from '../../config/index.ts'
import { cpuTemperature, diskFree, type Supply, supplyOf } from '../host/computer.ts'
import type { StationProcess } from './station-process.ts'
import type { Status } from './status.ts'

/** See the file's head. */
export interface Snapshot {
  readonly title: string
  readonly software: string
  readonly machine: string
  readonly gateway: string | null
  readonly nowMs: number
  readonly monotonicMs: number
  readonly clockQuality: 0 | 1 | 2
  readonly usage: OutboxUsage
  readonly maxBytes: number
  readonly diskFreeBytes: number | null
  readonly cpuCelsius: number | null
  readonly supply: Supply | null
  readonly memoryBytes: number
  readonly status: Status
}

/** Where a snapshot comes from. */
export interface SnapshotSource {
  readonly dir: string
  readonly root: string
  readonly config: StationConfig
  readonly software: string
  readonly clock: Clock
  readonly process: StationProcess
  readonly status: Status
}

/** Takes one. */
export async function takeSnapshot({
  dir,
  root,
  config,
  software,
  clock,
  process: running,
  status,
}: SnapshotSource): Promise<Snapshot> {
  const [usage, diskFreeBytes, cpuCelsius, supply] = await Promise.all([
    running.machine.usage(),
    diskFree(dir),
    cpuTemperature(root),
    supplyOf(root),
  ])
  return {
    title: config.definition.title,
    software,
    machine: running.machine.id,
    gateway: config.gateway,
    nowMs: clock.now(),
    monotonicMs: clock.monotonicMs(),
    clockQuality: clock.quality(),
    usage,
    maxBytes: config.outbox.maxMiB * 2 ** 20,
    diskFreeBytes,
    cpuCelsius,
    supply,
    memoryBytes: process.memoryUsage.rss(),
    status,
  }
}
