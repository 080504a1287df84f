/**
 * Feeds every decoder that meets input from outside with damaged input: `npm run fuzz -- [--runs N] [--seed N] [--only NAME]`.
 * The decoders are listed in sdk/test/fuzz/targets.ts and gateway/test/fuzz/targets.ts. Prints a table; exits 1 with the seed
 * and the input in hex when one does anything but return a value or throw a registered code, 1 also when there was no input,
 * and 2 when an option is not understood.
 */
import { parseArgs } from 'node:util'
import { createServer } from 'vite'
import { wholeNumber } from './number-option.mjs'

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
  },
})

const runs = wholeNumber('runs', values.runs, 1)
const seed = wholeNumber('seed', values.seed, 0)

const server = await createServer({
  root: new URL('..', import.meta.url).pathname,
  configFile: false,
  appType: 'custom',
  logLevel: 'error',
  server: { middlewareMode: true, hmr: false, ws: false, watch: null },
  optimizeDeps: { noDiscovery: true },
  // As in vitest.config.ts: our packages from their sources.
  ssr: { resolve: { conditions: ['@fieldproof/source', 'node', 'import', 'default'] } },
})
try {
  const [{ runFuzz }, sdk, gateway] = await Promise.all(
    ['/sdk/test/fuzz/run.ts', '/sdk/test/fuzz/targets.ts', '/gateway/test/fuzz/targets.ts'].map((path) =>
      server.ssrLoadModule(path),
    ),
  )
  const held = await runFuzz([...sdk.TARGETS, ...gateway.TARGETS], {
    seed,
    runs,
    print: (line) => console.log(line),
    ...(values.only !== undefined && { only: values.only }),
  })
  process.exitCode = held ? 0 : 1
} finally {
  await server.close()
}
