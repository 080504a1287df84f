/** Checks of the gateway and its broker, from here. */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { fetchGatewayInfo, gatewayDifferences, parseGatewayInfo, stationFiles } from '@fieldproof/sdk/node'
import { askBroker } from './broker.ts'
import { type Check, type Finding, fail, ok, skipped, warn } from './finding.ts'

type Found = Omit<Finding, 'check'>

const NO_GATEWAY = 'this station has no gateway'
const MAX_OFFSET_MS = 5_000
const TIMEOUT_MS = 10_000

/** Whether the gateway answers, is the one that was pinned, and has the same time. */
export const gatewayCheck: Check = {
  name: 'gateway',
  async run({ dir, config, surroundings: { now } }) {
    if (dir === null || config?.gateway == null) return [skipped(NO_GATEWAY)]
    const { gateway: pin } = stationFiles(dir)
    if (!existsSync(pin)) {
      return [fail('no gateway is pinned', `fieldproof init ${dir} --gateway ${config.gateway}`)]
    }
    const pinned = parseGatewayInfo(await readFile(pin, 'utf8'))
    const current = await fetchGatewayInfo(config.gateway).catch(() => null)
    if (current === null) {
      return [
        fail(`${config.gateway} does not answer`, 'start it, or check address and network; rows are kept meanwhile'),
      ]
    }
    const differences = gatewayDifferences(pinned, current).map(({ field }) => field)
    if (differences.length > 0) {
      const what = `another log answers at ${config.gateway} (${differences.join(', ')})`
      return [fail(what, 'if that is meant, make a new station in another folder')]
    }
    return [ok(`${config.gateway} answers, with the pinned log`), await offsetFinding(config.gateway, now)]
  },
}

async function offsetFinding(url: string, now: () => number): Promise<Found> {
  const before = now()
  const response = await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(TIMEOUT_MS), redirect: 'manual' })
  const said = Date.parse(response.headers.get('date') ?? '')
  if (Number.isNaN(said)) return skipped('the gateway does not say its time')
  const offsetMs = (before + now()) / 2 - said - 500 // its time has whole seconds
  const text = `clocks differ by ${(Math.abs(offsetMs) / 1000).toFixed(1)} s`
  return Math.abs(offsetMs) <= MAX_OFFSET_MS ? ok(text) : warn(text, 'see the check "clock", here and at the gateway')
}

/** Whether its broker answers, with TLS where the address says so. */
export const brokerCheck: Check = {
  name: 'broker',
  async run({ dir, config, surroundings: { clock } }) {
    if (dir === null || config?.gateway == null) return [skipped(NO_GATEWAY)]
    const { gateway: pin } = stationFiles(dir)
    if (!existsSync(pin)) return [skipped('no gateway is pinned')]
    const { mqttUrl } = await fetchGatewayInfo(config.gateway).catch(async () =>
      parseGatewayInfo(await readFile(pin, 'utf8')),
    )
    const { protocol, host } = new URL(mqttUrl)
    if (protocol !== 'mqtt:' && protocol !== 'mqtts:') return [skipped(`${protocol} is not tried here`)]
    const answer = await askBroker(mqttUrl, clock)
    if (answer.step !== 'connack') return [fail(`${host}: ${answer.detail}`, REMEDIES[answer.step])]
    const how = protocol === 'mqtts:' ? 'MQTT over TLS' : 'MQTT'
    return [ok(`${host} speaks ${how}${answer.isRefused ? ', and wants a password from strangers' : ''}`)]
  },
}

const REMEDIES = {
  connect: 'is the broker running, and the port open?',
  tls: 'check the certificate of the broker and the clock',
  mqtt: 'something else than MQTT answers there',
} as const
