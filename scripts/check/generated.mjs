/** Generated files are what their generators give today. */
import { spawnSync } from 'node:child_process'

const GENERATORS = [
  ['gateway/contracts/compile.mjs', '--check'],
  ['schemas/generate/main.mjs', '--check'],
  ['scripts/wiring.mjs', '--check'],
]

export function checkGenerated(root) {
  return GENERATORS.flatMap((command) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, command, { cwd: root, encoding: 'utf8' })
    if (status === 0) return []
    const said = `${stdout}\n${stderr}`.split('\n').filter((line) => line.trim() !== '')
    return [`node ${command.join(' ')} exited with ${status}`, ...said.slice(0, 20).map((line) => `  ${line.trim()}`)]
  })
}
