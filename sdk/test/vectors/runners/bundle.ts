/** bundle.json: proof bundles against what a verifier trusts and what the chain says. */
import type { Runner } from '../runner.ts'
import { readBundle } from './bundle-report.ts'

/** Runs bundle.json. */
export const bundleRunner: Runner = { readers: { '': { given: ['trust', 'chain'], read: readBundle } } }
