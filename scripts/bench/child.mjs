/** Programs whose memory is measured run as processes of their own. */
import { spawn, spawnSync } from 'node:child_process'

/** What a program prints as JSON. @throws when it exits with anything but 0 */
export function runChild(script, args) {
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  return new Promise((resolve, reject) => {
    let output = ''
    child.stdout.on('data', (chunk) => {
      output += chunk
    })
    child.once('error', reject)
    child.once('exit', (code) =>
      code === 0 ? resolve(JSON.parse(output)) : reject(new Error(`${script} exited with ${code}`)),
    )
  })
}

/** Memory of a Node that does nothing, MB. */
export function bareNodeMb() {
  const script = 'setTimeout(() => console.log(process.memoryUsage().rss / 2 ** 20), 500)'
  return Number(spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' }).stdout)
}
