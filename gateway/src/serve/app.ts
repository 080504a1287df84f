/**
 * The gateway over HTTP: what dashboards read, what auditors fetch (C2SP tiles and checkpoint), proofs as files, and
 * enrolment. Nothing here decides anything: whoever verifies takes a file and asks a chain.
 */
import { FieldproofError, toHex } from '@fieldproof/sdk/base'
import { encodeVerifierKey } from '@fieldproof/sdk/merkle'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { secureHeaders } from 'hono/secure-headers'
import type { AppOptions } from './app-options.ts'
import { addEnrolment } from './enrol-routes.ts'
import { addLog } from './log-routes.ts'
import { addMachines } from './machine-routes.ts'
import { isOperators, problem } from './problem.ts'
import { addProofs } from './proof-routes.ts'

export type { AppOptions, ChainFacts } from './app-options.ts'

const MAX_BODY_BYTES = 16_384

/** The HTTP application. */
export function createApp(options: AppOptions): Hono {
  const app = new Hono()
  app.use(secureHeaders({ crossOriginResourcePolicy: 'cross-origin' }))
  app.use(
    bodyLimit({
      maxSize: MAX_BODY_BYTES,
      onError: (c) => problem(c, new FieldproofError('too-large', `a body has at most ${MAX_BODY_BYTES} bytes`)),
    }),
  )
  app.onError((error, c) => {
    if (isOperators(error)) options.onFault?.(error)
    return problem(c, error)
  })
  app.notFound((c) => problem(c, new FieldproofError('not-found', `there is nothing at ${c.req.path}`)))
  addState(app, options)
  addMachines(app, options)
  addProofs(app, options)
  addLog(app, options)
  if (options.enrol !== null) addEnrolment(app, options.enrol)
  return app
}

function addState(app: Hono, { ledger, hash, chain, mqttUrl, isHealthy, metrics }: AppOptions): void {
  app.get('/healthz', (c) => (isHealthy() ? c.json({ status: 'ok' }) : c.json({ status: 'stopped' }, 503)))
  app.get('/v1/info', (c) => {
    const { origin, logKey } = ledger.identity
    return c.json({
      origin,
      vkey: encodeVerifierKey(origin, logKey, hash),
      logKey: toHex(logKey),
      chainId: chain?.chainId ?? null,
      registry: chain && `0x${toHex(chain.registry)}`,
      anchorLog: chain && `0x${toHex(chain.anchorLog)}`,
      logId: chain && `0x${toHex(chain.logId)}`,
      mqttUrl: mqttUrl(),
      size: ledger.head.size,
    })
  })
  app.get('/metrics', async (c) => c.text(await metrics.text(), 200, { 'content-type': metrics.contentType }))
}
