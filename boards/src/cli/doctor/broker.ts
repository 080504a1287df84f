/**
 * Asks a broker whether it is one: TCP, TLS, then an MQTT 3.1.1 CONNECT under a name of its own. Never under the machine's: that would end the
 * session of the station that runs.
 */
import { randomBytes } from 'node:crypto'
import { connect, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { errorLine } from '@fieldproof/sdk/base'
import type { Clock } from '@fieldproof/sdk/machine'

/** How far it came. `connack`: the broker answered, and perhaps refused a stranger. */
export type BrokerAnswer =
  | { readonly step: 'connect' | 'tls' | 'mqtt'; readonly detail: string }
  | { readonly step: 'connack'; readonly isRefused: boolean }

const TIMEOUT_MS = 10_000
const PORTS: Readonly<Record<string, number>> = { 'mqtt:': 1883, 'mqtts:': 8883 }
const CONNACK = 0x20
const DISCONNECT = Uint8Array.of(0xe0, 0)

/** Never throws. */
export async function askBroker(url: string, clock: Clock): Promise<BrokerAnswer> {
  const { protocol, hostname, port } = new URL(url)
  const host = hostname.replace(/^\[|\]$/g, '')
  const isTls = protocol === 'mqtts:'
  const at = { host, port: port === '' ? (PORTS[protocol] ?? 1883) : Number(port) }
  return await new Promise((resolve) => {
    let step: 'connect' | 'tls' | 'mqtt' = 'connect'
    const socket: Socket = isTls ? connectTls({ ...at, ...(isIP(host) === 0 && { servername: host }) }) : connect(at)
    const settle = (answer: BrokerAnswer): void => {
      cancel()
      socket.destroy()
      resolve(answer)
    }
    const cancel = clock.after(TIMEOUT_MS, () => settle({ step, detail: `no answer within ${TIMEOUT_MS / 1000} s` }))
    const ask = (): void => {
      step = 'mqtt'
      socket.write(connectPacket())
    }
    socket.once('connect', () => {
      if (isTls) step = 'tls'
      else ask()
    })
    socket.once('secureConnect', ask)
    socket.once('error', (error) => settle({ step, detail: errorLine(error) }))
    socket.once('close', () => settle({ step, detail: 'closed without an answer' }))
    socket.once('data', (bytes: Buffer) => {
      if (bytes[0] !== CONNACK || bytes[1] !== 2) return settle({ step: 'mqtt', detail: 'no MQTT' })
      socket.write(DISCONNECT)
      settle({ step: 'connack', isRefused: bytes[3] !== 0 })
    })
  })
}

/** MQTT 3.1.1, clean session, keep-alive 10 s. */
function connectPacket(): Uint8Array {
  const id = Buffer.from(`doctor-${randomBytes(6).toString('hex')}`)
  const body = Buffer.concat([Buffer.from([0, 4]), Buffer.from('MQTT'), Buffer.from([4, 2, 0, 10, 0, id.length]), id])
  return Buffer.concat([Buffer.from([0x10, body.length]), body])
}
