/** The link on Mosquitto. Fails without it: this file runs only where its packages are promised. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { machineIdOf, utf8 } from '../../src/base/index.ts'
import { pureHash } from '../../src/crypto/index.ts'
import { mqttLink } from '../../src/node/index.ts'
import { linkContract, openingOf, recordLink } from '../../src/testing/index.ts'
import { type Mosquitto, openssl, startMosquitto } from './mosquitto.ts'
import { mqttPlace } from './mqtt-place.ts'

for (const [protocolVersion, title] of [
  [4, 'MQTT 3.1.1'],
  [5, 'MQTT 5'],
] as const) {
  describe(`on Mosquitto, ${title}`, () => {
    let broker: Mosquitto
    beforeAll(async () => {
      broker = await startMosquitto(['allow_anonymous true'])
    })
    afterAll(() => broker.close())
    linkContract({ describe, it, expect }, `mqtt link on Mosquitto, ${title}`, () =>
      mqttPlace({ brokerPort: broker.port, protocolVersion }),
    )
  })
}

const MACHINE = machineIdOf(pureHash.sha256(utf8('a machine')))
const WILL = utf8('gone')
const BACKOFF = { minMs: 5, maxMs: 20 }
/** Each machine writes and reads its own branch: the client's certificate names the machine. */
const ACL = ['pattern write fp/1/%u/+', 'pattern read fp/1/%u/+']

describe('mqtt link with mutual TLS and an ACL on Mosquitto', () => {
  let broker: Mosquitto
  const pem = (name: string): string => readFileSync(join(broker.dir, name), 'utf8')
  const url = (): string => `mqtts://localhost:${broker.port}`

  beforeAll(async () => {
    const config = [
      'cafile ca.pem',
      'certfile localhost.pem',
      'keyfile localhost.key',
      'require_certificate true',
      'use_identity_as_username true',
      'acl_file acl',
    ]
    broker = await startMosquitto(config, makeCertificates)
  })
  afterAll(() => broker.close())

  it('comes up with the certificate of its machine and publishes to its branch', async () => {
    const tls = { ca: pem('ca.pem'), cert: pem(`${MACHINE}.pem`), key: pem(`${MACHINE}.key`) }
    const link = mqttLink({ url: url(), tls, protocolVersion: 5 })
    const recorder = recordLink()
    link.open(openingOf(MACHINE, WILL, recorder))
    await recorder.until('up')
    await link.publish('batch', utf8('rows'))
    await link.close({ graceful: true })
  })

  it('rejects a publish that an MQTT 5 broker acknowledges as not authorised', async () => {
    const other = machineIdOf(pureHash.sha256(utf8('another machine')))
    const tls = { ca: pem('ca.pem'), cert: pem(`${MACHINE}.pem`), key: pem(`${MACHINE}.key`) }
    const link = mqttLink({ url: url(), tls, protocolVersion: 5 })
    const recorder = recordLink()
    link.open({ ...openingOf(other, WILL, recorder), subscriptions: [] })
    await recorder.until('up')
    await expect(link.publish('batch', utf8('rows'))).rejects.toMatchObject({ code: 'link-failed' })
    await link.close()
  })

  it('does not come up without a trusted certificate on either side', async () => {
    const ca = pem('ca.pem')
    const self = { cert: pem(`${MACHINE}.pem`), key: pem(`${MACHINE}.key`) }
    for (const tls of [{ ca }, self]) {
      const recorder = recordLink()
      const warned = new Promise<string>((resolve) => {
        const link = mqttLink({
          url: url(),
          tls,
          backoff: BACKOFF,
          onWarning(text) {
            void link.close().then(() => resolve(text))
          },
        })
        link.open(openingOf(MACHINE, WILL, recorder))
      })
      expect(await warned).toMatch(/^cannot reach the broker/)
      expect(recorder.events).toEqual([])
    }
  })
})

async function makeCertificates(dir: string): Promise<void> {
  const { writeFile } = await import('node:fs/promises')
  await writeFile(join(dir, 'acl'), `${ACL.join('\n')}\n`)
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  openssl(dir, 'req', '-x509', ...ec, '-days', '2', '-subj', '/CN=test ca', '-keyout', 'ca.key', '-out', 'ca.pem')
  for (const name of ['localhost', MACHINE]) {
    await writeFile(join(dir, `${name}.ext`), `subjectAltName=DNS:${name}\n`)
    openssl(dir, 'req', '-new', ...ec, '-subj', `/CN=${name}`, '-keyout', `${name}.key`, '-out', `${name}.csr`)
    const sign = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', `${name}.ext`]
    openssl(dir, 'x509', '-req', '-in', `${name}.csr`, ...sign, '-out', `${name}.pem`)
  }
}
