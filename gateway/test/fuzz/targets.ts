/** Every decoder of the gateway that meets input from outside. A new one is one entry here. */
import type { Target } from '../../../sdk/test/fuzz/engine.ts'
import { CONFIG_TARGETS, KEY_TARGETS } from './targets/config.ts'
import { HTTP_TARGETS, POST_TARGETS } from './targets/http.ts'
import { INGEST_TARGETS } from './targets/ingest.ts'
import { NODE_TARGETS } from './targets/node.ts'
import { STORE_TARGETS } from './targets/store.ts'

/** All of them. The engine gives each the inputs of its form. */
export const TARGETS: readonly Target[] = [
  ...CONFIG_TARGETS,
  ...KEY_TARGETS,
  ...INGEST_TARGETS,
  ...HTTP_TARGETS,
  ...POST_TARGETS,
  ...NODE_TARGETS,
  ...STORE_TARGETS,
] as readonly Target[]
