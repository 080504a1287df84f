import { defineConfig } from 'vitest/config'

/** Tests against services from Debian's packages; `.ci/run` installs them first. */
export default defineConfig({
  resolve: { conditions: ['@fieldproof/source'] },
  ssr: { resolve: { conditions: ['@fieldproof/source', 'node', 'import', 'default'] } },
  test: {
    include: [
      '{sdk,boards,gateway,device-sim,schemas}/test/**/*.services.test.ts',
      'examples/*/test/**/*.services.test.ts',
    ],
    testTimeout: 60_000,
  },
})
