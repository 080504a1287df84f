/** A gateway in a process of its own, to be killed: the demo's, on a chain that lives elsewhere. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { startOnChain } from '../../dist/ground.js'

const [dir, rpcUrl, chainId, mqttPort, httpPort] = process.argv.slice(2)
const chain = { url: rpcUrl, chainId: Number(chainId), save: async () => undefined }
const create = !existsSync(join(dir, 'gateway', 'gateway.db'))
const options = { dir, mqttPort: Number(mqttPort), httpPort: Number(httpPort) }
const { gateway } = await startOnChain(options, chain, create, Date.now, (event) => {
  if (event.event !== 'rows-journalled') console.log(JSON.stringify(event))
})
process.once('SIGTERM', () => void gateway.stop().then(() => process.exit(0)))
