/** A source file that grew past what one reader holds at once. 300 lines are a smell, 400 need a reason here. */
import { listFiles, readText } from './files.mjs'

const MAX_LINES = 400
const SOURCE = /\.(ts|mts|js|mjs|sol|html|css)$/
const GENERATED = /^gateway\/src\/anchor\/abi\.ts$|^sdk\/src\/evm\/abi-constants\.ts$/

/** Longer files, each with its reason. */
const REASONS = {
  'gateway/test/gateway/gateway.test.ts': 'one gateway, told as one story; its parts share a costly set-up',
  'sdk/test/machine/machine.test.ts': 'the rules of one runtime; splitting would repeat its rig',
}

export function checkSize(root) {
  const sources = listFiles(root).filter((path) => SOURCE.test(path) && !GENERATED.test(path))
  const long = new Map(sources.map((path) => [path, lineCount(readText(root, path))]).filter(([, n]) => n > MAX_LINES))
  const unexplained = [...long].filter(([path]) => !Object.hasOwn(REASONS, path))
  const stale = Object.keys(REASONS).filter((path) => !long.has(path))
  return [
    ...unexplained.map(
      ([path, n]) => `${path}: ${n} lines, over ${MAX_LINES}: split it, or give the reason in scripts/check/size.mjs`,
    ),
    ...stale.map((path) => `${path}: is short now or gone; take its reason out of scripts/check/size.mjs`),
  ]
}

function lineCount(text) {
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0)
}
