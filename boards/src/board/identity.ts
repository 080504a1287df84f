/** Who a board is, and whether it still is the one from before. */
import { toHex } from '@fieldproof/sdk/base'
import { encodeFirmwareQuery, encodeRequest, RESET_CAUSES, type Reply } from '../protocol/index.ts'
import { boardSilent, garbled, restarted } from './failures.ts'
import type { FeatureWire } from './feature.ts'
import type { BoardIdentity } from './ports.ts'

/** What our firmware calls itself. */
const OUR_NAME = 'fieldproof'

/**
 * Whether our firmware answers. Another name is asked for once more: nothing checks that message, and a board of ours with a garbled
 * name would be taken for a stranger, whose line nobody checks.
 * @param name as it was heard first
 * @throws FieldproofError `board-garbled` for two names
 */
export async function isOurs({ wire, waitMs }: FeatureWire, name: string): Promise<boolean> {
  if (name.toLowerCase().startsWith(OUR_NAME)) return true
  const again = await wire.ask({
    bytes: encodeFirmwareQuery(),
    answer: (message) => (message.kind === 'firmware' ? message.name : undefined),
    waitMs,
    silent: () => boardSilent('the board does not say its name again'),
  })
  if (again !== name) throw garbled(`the board called itself ${JSON.stringify(name)}, then ${JSON.stringify(again)}`)
  return false
}

/** Twice: the first reply's check covers bytes from before this connection, the second one's must be good. */
export async function identify(feature: FeatureWire): Promise<BoardIdentity> {
  const { wire } = feature
  const first = await askIdentity(feature)
  wire.takeFault() // noise of the boot
  const second = await askIdentity(feature)
  const fault = wire.takeFault()
  if (fault !== null) throw fault
  if (first.boots !== second.boots) throw restarted('while it was being identified')
  return second
}

/** @throws FieldproofError `board-restarted` when it is not the same boot of the same firmware; `board-silent`, `board-garbled` */
export async function assertSame(feature: FeatureWire, identity: BoardIdentity): Promise<void> {
  const now = await askIdentity(feature)
  if (now.boots !== identity.boots) throw restarted(`boot ${now.boots} came after boot ${identity.boots}`)
  if (now.buildId !== identity.buildId) throw restarted('another board answers')
}

function askIdentity({ wire, waitMs }: FeatureWire): Promise<BoardIdentity> {
  return wire.ask({
    bytes: encodeRequest({ kind: 'identity' }),
    answer: (message) => (message.kind === 'identity' ? identityOf(message) : undefined),
    waitMs,
    silent: () => boardSilent('the board does not say which firmware it runs'),
  })
}

function identityOf(reply: Reply & { readonly kind: 'identity' }): BoardIdentity {
  const resetCause = reply.resetCauses.reduce((bits, cause) => bits | (1 << RESET_CAUSES.indexOf(cause)), 0)
  return { buildId: toHex(reply.buildId), boots: reply.boots, resetCause }
}
