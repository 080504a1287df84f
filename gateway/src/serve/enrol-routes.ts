/** Enrolment over HTTP: terms to sign, and the signed consent. */
import { toHex } from '@fieldproof/sdk/base'
import type { Hono } from 'hono'
import { z } from 'zod'
import type { EnrolRelay } from './enrol.ts'
import { readRequest } from './problem.ts'
import { hex } from './request.ts'

const publicKey = hex([32, 64])
const ENROL = z.strictObject({ publicKey, deadline: z.number().int().min(0), signature: hex([64]) })

/** Adds `/v1/enrol`. */
export function addEnrolment(app: Hono, relay: EnrolRelay): void {
  app.get('/v1/enrol', async (c) => {
    const query = readRequest(z.strictObject({ publicKey }), c.req.query())
    const { machine: id, owner, homeLog, nonce, deadline, digest } = await relay.challenge(query.publicKey)
    const [ownerHex, logHex, digestHex] = [owner, homeLog, digest].map((bytes) => `0x${toHex(bytes)}`)
    return c.json({ machine: id, owner: ownerHex, homeLog: logHex, nonce, deadline, digest: digestHex })
  })
  app.post('/v1/enrol', async (c) => {
    const body: unknown = await c.req.json().catch(() => undefined)
    const { machine: id, isNew } = await relay.enrol(readRequest(ENROL, body))
    return c.json({ machine: id, isNew }, isNew ? 201 : 200)
  })
}
