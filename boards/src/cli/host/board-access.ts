/** Opens a board for a look, and never one that somebody has: opening a port resets an Uno, which may be watering. */
import { FieldproofError } from '@fieldproof/sdk/base'
import { type ConnectedBoard, connectBoard } from '../../board/connect.ts'
import type { Surroundings } from '../surroundings.ts'
import { type Holder, holdersOf } from './holders.ts'
import { devicePath } from './serial-ports.ts'

/** Other processes that have a port open, as far as this user sees them. */
export async function othersAt(root: string, port: string): Promise<readonly Holder[]> {
  const path = await devicePath(root, port)
  const holders = (await holdersOf(root, new Set([path]))).get(path) ?? []
  return holders.filter(({ pid }) => pid !== process.pid)
}

/** Refuses a port that somebody has. @throws FieldproofError `port-unavailable` with `facts.reason` `taken` */
export async function expectFree(root: string, port: string): Promise<void> {
  const [holder] = await othersAt(root, port)
  if (holder === undefined) return
  throw new FieldproofError(
    'port-unavailable',
    `${port} is held by ${holder.command} (process ${holder.pid}): stop it first, opening the port would reset its board`,
    { facts: { path: port, reason: 'taken', pid: holder.pid } },
  )
}

/** Connects to a board that nobody has. @throws FieldproofError `port-unavailable`, `board-silent`, … */
export async function openBoard({ root, openLine, clock }: Surroundings, port: string): Promise<ConnectedBoard> {
  await expectFree(root, port)
  return await connectBoard({ open: openLine(port), clock, epoch: 1 })
}
