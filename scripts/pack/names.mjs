/**
 * Prints what modules export, as JSON: `names.mjs import|require SPECIFIER…`. It is run where it stands for the workspace, and
 * copied into another project for what is installed there.
 */
import { createRequire } from 'node:module'

const [way, ...specifiers] = process.argv.slice(2)
const require = createRequire(import.meta.url)

const names = {}
for (const specifier of specifiers) names[specifier] = Object.keys(await load(specifier)).sort()
console.log(JSON.stringify(names))

async function load(specifier) {
  if (way === 'require') return require(specifier)
  return specifier.endsWith('.json') ? await import(specifier, { with: { type: 'json' } }) : await import(specifier)
}
