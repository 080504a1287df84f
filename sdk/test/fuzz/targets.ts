/** Every decoder of the SDK that meets input from outside. A new one is one entry in the list of its layer. */
import type { Target } from './engine.ts'
import { BUNDLE_TARGETS } from './targets/bundle.ts'
import { RPC_TARGETS, STATE_TARGETS } from './targets/chain.ts'
import { LOG_TARGETS, NOTE_TARGETS } from './targets/log.ts'
import { FILE_TARGETS, HTTP_TARGETS, JSON_TARGETS } from './targets/node.ts'
import { TEXT_TARGETS } from './targets/text.ts'
import { TOPIC_TARGET, WIRE_TARGETS } from './targets/wire.ts'

/** All of them. The engine gives each the inputs of its form. */
export const TARGETS: readonly Target[] = [
  ...WIRE_TARGETS,
  TOPIC_TARGET,
  ...LOG_TARGETS,
  ...NOTE_TARGETS,
  ...TEXT_TARGETS,
  ...RPC_TARGETS,
  ...STATE_TARGETS,
  ...BUNDLE_TARGETS,
  ...JSON_TARGETS,
  ...FILE_TARGETS,
  ...HTTP_TARGETS,
] as readonly Target[]
