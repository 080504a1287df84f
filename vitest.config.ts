import { defineConfig } from 'vitest/config'

/** Unit and end-to-end tests that need nothing but npm packages. */
export default defineConfig({
  resolve: { conditions: ['@fieldproof/source'] },
  ssr: { resolve: { conditions: ['@fieldproof/source', 'node', 'import', 'default'] } },
  test: {
    include: ['{sdk,boards,gateway,device-sim,schemas}/test/**/*.test.ts', 'examples/*/test/**/*.test.ts'],
    exclude: ['**/*.services.test.ts'],
    testTimeout: 30_000,
    maxWorkers: '100%', // many tests wait for a clock of their own; the default leaves a processor idle
  },
})
