/**
 * Machine and gateway are killed with `kill -9` at 20 random moments. Afterwards every row that the machine called
 * durable is in the log exactly once, every receipt was good, and the chain holds the log's head.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { startLocalChain } from '@fieldproof/gateway/anchor'
import { fromHex, hash32 } from '@fieldproof/sdk/base'
import { ANCHOR_LOG_CALL, fetchCall, headCall, readAnchorLog, readHead } from '@fieldproof/sdk/evm'
import { fetchGatewayInfo, httpRpc, initStation } from '@fieldproof/sdk/node'
import { expect, it } from 'vitest'
import { type Child, type ChildEvent, startChild } from './child.ts'

const KILLS = 20
const SEED = 20120101
const script = (name: string): string => new URL(`./processes/${name}.mjs`, import.meta.url).pathname

it('loses nothing and repeats nothing over 20 kills', { timeout: 180_000 }, async () => {
  const dir = await mkdtemp(join(tmpdir(), 'fieldproof-kill-'))
  const chain = await startLocalChain()
  try {
    const [mqttPort, httpPort] = await Promise.all([freePort(), freePort()])
    const url = `http://127.0.0.1:${httpPort}`
    const station = join(dir, 'station')
    const startGateway = (): Child =>
      startChild(script('gateway'), [dir, chain.url, String(chain.chainId), String(mqttPort), String(httpPort)])
    const startMachine = (): Child => startChild(script('machine'), [station, url])

    let gateway = startGateway()
    await gateway.waitFor((e) => e.event === 'listening')
    const { machine: id } = await initStation(station, url, Date.now())
    let machine = startMachine()
    const past: ChildEvent[] = []
    const killed = { gateway: 0, machine: 0 }
    const random = randomOf(SEED)
    for (let n = 0; n < KILLS; n++) {
      await delay(200 + random() * 700) // a random moment of the machine's and the gateway's work
      if (random() < 0.5) {
        await gateway.end('SIGKILL')
        past.push(...gateway.events)
        killed.gateway++
        gateway = startGateway()
      } else {
        await machine.end('SIGKILL')
        past.push(...machine.events)
        killed.machine++
        machine = startMachine()
      }
    }
    await gateway.waitFor((e) => e.event === 'listening')
    await machine.waitFor((e) => e.event === 'journalled')
    expect(await machine.end('SIGTERM')).toBe(0) // it leaves when everything it has is anchored
    past.push(...machine.events)

    const journalled = past.filter((e) => e.event === 'journalled').map((e) => String(e['value']))
    const logged = await loggedValues(url, id)
    expect(killed.gateway).toBeGreaterThan(4)
    expect(killed.machine).toBeGreaterThan(4)
    expect(journalled.length).toBeGreaterThan(100)
    expect(new Set(logged).size).toBe(logged.length)
    expect(logged).toEqual(expect.arrayContaining(journalled))
    expect(past.filter((e) => ['receipt-rejected', 'batch-refused', 'fork', 'branch'].includes(e.event))).toEqual([])
    await expectHeadsEqual(url, chain.url)
    expect(await gateway.end('SIGTERM')).toBe(0)
  } finally {
    await chain.stop()
    await rm(dir, { recursive: true, force: true })
  }
})

/** All values of the counter stream, page by page. */
async function loggedValues(url: string, machine: string): Promise<string[]> {
  const rows = new Map<string, string>()
  let from = 0
  for (;;) {
    const response = await fetch(`${url}/v1/machines/${machine}/rows?stream=counter&limit=500&from=${from}`)
    const page = (
      (await response.json()) as {
        rows: { sequence: number; row: number; logIndex: number; time: number; values: string[] }[]
      }
    ).rows
    for (const row of page) rows.set(`${row.logIndex} ${row.row}`, String(row.values[0]))
    const last = page.at(-1)
    if (last === undefined || page.length < 500 || last.time === from) return [...rows.values()]
    from = last.time
  }
}

/** The contract's head is the gateway's, once the last anchor is in. */
async function expectHeadsEqual(url: string, rpcUrl: string): Promise<void> {
  const { registry, logId } = await fetchGatewayInfo(url)
  const rpc = httpRpc(rpcUrl)
  const anchorLog = readAnchorLog(await fetchCall(rpc, registry, ANCHOR_LOG_CALL))
  const head = readHead(await fetchCall(rpc, anchorLog, headCall(logId)))
  const checkpoint = await (await fetch(`${url}/checkpoint`)).text()
  const [, size, root] = checkpoint.split('\n')
  expect(head.size).toBe(Number(size))
  expect(hash32(head.root)).toEqual(hash32(fromHex(Buffer.from(String(root), 'base64').toString('hex'))))
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** mulberry32: small, and good enough to pick moments. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
