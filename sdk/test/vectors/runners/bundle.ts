/** bundle.json: proof bundles against what a verifier trusts and what the chain says. */
import type { OtherCode, Runner } from '../runner.ts'
import { readBundle } from './bundle-report.ts'

const PATH: OtherCode = { code: 'proof-invalid', why: 'BUNDLE-6 is left to rows and log, where LOG-12 names the code' }

/** Runs bundle.json. */
export const bundleRunner: Runner = {
  readers: { '': { given: ['trust', 'chain'], read: readBundle } },
  otherCodes: {
    'row path one node short': PATH,
    'row path with a node more': PATH,
    'log path one node short': PATH,
    'log path with a node more': PATH,
  },
}
