/**
 * What a web page downloads to check proofs by itself: a program that imports the verifier, with both suites, as a bundler
 * makes it for a browser, compressed as a server sends it.
 */
import { gzipSync } from 'node:zlib'
import { build } from 'vite'
import { benchRow } from './row.mjs'

const BUDGET_BYTES = 40_000
/** Without engines given, the verifier brings the pure suites of P-256 and Ed25519 and the pure hash. */
const PROGRAM = `
  import { verifyBundle } from '@fieldproof/sdk/verify'
  globalThis.verifyProof = (bytes, trust, access) => verifyBundle(bytes, { trust, ...access })
`

export async function rows() {
  const code = await bundle(PROGRAM)
  return [
    benchRow({
      name: 'verifier in a browser, minified, gzip -9',
      value: gzipSync(code, { level: 9 }).length,
      unit: 'B',
      limit: BUDGET_BYTES,
      target: 1,
      higherIsBetter: false,
      exact: true,
    }),
  ]
}

/** One script with everything that the program needs. */
async function bundle(program) {
  const entry = new URL('browser-program.js', import.meta.url).pathname // never written: the plugin gives its text
  const output = await build({
    configFile: false,
    logLevel: 'error',
    plugins: [
      {
        name: 'program',
        resolveId: (id) => (id === entry ? id : undefined),
        load: (id) => (id === entry ? program : undefined),
      },
    ],
    build: { write: false, target: 'es2022', rollupOptions: { input: entry, output: { format: 'es' } } },
  })
  const files = [output].flat().flatMap((one) => one.output)
  if (files.length !== 1) throw new Error(`want one file, not ${files.map((file) => file.fileName).join(', ')}`)
  return files[0].code
}
