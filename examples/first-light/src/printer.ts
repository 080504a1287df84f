/** Events as people read them, or one JSON object a line. */
import { reportText } from '@fieldproof/sdk/cli'
import type { DemoEvent, DemoListener } from './events.ts'
import type { DemoOptions } from './options.ts'

const DIM = 2
const GREEN = 32
const YELLOW = 33
const RED = 31
const CYAN = 36

/** Prints to `write`; `colours` only where somebody looks. */
export function printer(
  { json, once }: Pick<DemoOptions, 'json' | 'once'>,
  colours: boolean,
  write: (line: string) => void,
  startMs: number,
): DemoListener {
  if (json) return (event) => write(JSON.stringify(event))
  const paint = (code: number, text: string): string => (colours ? `\u001b[${code}m${text}\u001b[0m` : text)
  let proven = false
  return (event) => {
    // After the report each batch is enough: three rows a second would push it off the screen.
    if (proven && event.event === 'rows-journalled') return
    proven ||= event.event === 'proof-verified'
    const line = lineOf(event, colours, once)
    if (line === null) return
    const [colour, text] = line
    const seconds = ((Date.now() - startMs) / 1000).toFixed(1).padStart(6)
    const from = 'from' in event ? event.from : ''
    write(`${paint(DIM, `${seconds}s ${from.padEnd(8)}`)} ${colour === 0 ? text : paint(colour, text)}`)
  }
}

const STOPS = 'The chain stops now: to check the proof yourself, start without --once, and use another terminal.'
const CHECK_IT =
  'Check it yourself in another terminal:\n  npx fieldproof verify .fieldproof/proof.fpproof --trust .fieldproof/trust.json'

type Line = readonly [colour: number, text: string]

/** Text of an event, or null for those that only programs want. */
function lineOf(e: DemoEvent, colours: boolean, once: boolean): Line | null {
  switch (e.event) {
    case 'starting':
      return [DIM, `starting ${e.what}`]
    case 'chain-ready':
      return [0, `chain ${e.chainId} at ${e.rpc}, registry ${e.registry}${e.resumed ? ', resumed' : ''}`]
    case 'station-ready':
      return [0, `station ${e.station} is machine ${e.machine}`]
    case 'ready':
      return [
        GREEN,
        `ready after ${e.secondsSinceStart.toFixed(1)} s: ${e.http} (HTTP), ${e.mqtt} (MQTT), ${e.rpc} (chain)`,
      ]
    case 'rows-journalled':
      return [DIM, `${e.rows} row of ${e.stream} journalled`]
    case 'batch-signed':
      return [0, `signed batch ${e.sequence}: ${e.rows} rows of ${e.stream} in ${e.sizeBytes} bytes`]
    case 'batch-logged':
      return 'from' in e && e.from !== 'gateway' && 'logSize' in e
        ? [CYAN, `receipt for batch ${e.sequence}: leaf ${e.logIndex} of ${e.logSize}, checked`]
        : null
    case 'batch-anchored':
      return [GREEN, `batch ${e.sequence} is anchored: log size ${e.logSize} in block ${e.blockNumber}; outbox freed`]
    case 'checkpoint':
      return [0, `log size ${e.logSize}, root ${e.root.slice(0, 16)}…`]
    case 'anchor-submitted':
      return [YELLOW, `anchoring log size ${e.logSize} in transaction ${e.txHash.slice(0, 18)}…`]
    case 'anchored':
      return [GREEN, `log size ${e.logSize} is final in block ${e.blockNumber}`]
    case 'proof-written':
      return [0, `proof of one reading: ${e.proof} (${e.sizeBytes} bytes), whom to trust: ${e.trust}`]
    case 'proof-verified':
    case 'proof-refused':
      return [0, `the report:\n\n${reportText(e.report, colours)}\n\n${once ? STOPS : CHECK_IT}\n`]
    case 'batch-refused':
    case 'refused':
    case 'receipt-rejected':
    case 'message-rejected':
    case 'fault':
      return [YELLOW, `${e.event} (${e.code}): ${e.detail}`]
    case 'failed':
    case 'fatal':
      return [RED, `${e.event} (${e.code}): ${e.detail}`]
    case 'board-up':
      return [
        GREEN,
        `board answers: ${e.firmware.name}, build ${e.identity?.buildId ?? 'unknown'}, connection ${e.epoch}`,
      ]
    case 'board-down':
    case 'board-unreachable':
      return [YELLOW, `${e.event} (${e.code}): ${e.detail}`]
    case 'fault-begins':
    case 'fault-ends':
      return [YELLOW, `${e.subject}: ${e.event === 'fault-ends' ? 'well again, after ' : ''}${e.detail}`]
    case 'valve-opened':
      return [CYAN, `valve open for ${e.forMs / 1000} s at most; the board closes it by itself`]
    case 'row-lost':
      return [RED, `row-lost (${e.code}): ${e.detail}`]
    case 'rows-dropped':
      return [RED, `outbox full: ${e.rows} row(s) of ${e.stream} turned away, ${e.totalDropped} in all`]
    case 'fork':
    case 'branch':
      return [RED, `${e.event} in the history of ${e.machine} at sequence ${e.sequence}`]
    case 'link-down':
      return [YELLOW, `link down: ${e.reason}`]
    case 'link-up':
      return [DIM, 'link up']
    case 'stopping':
      return [DIM, 'stopping: finishing what is in hand']
    case 'stopped':
      return 'from' in e ? null : [DIM, 'stopped; the next start goes on from here']
    default:
      return null
  }
}
