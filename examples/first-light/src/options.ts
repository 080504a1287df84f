/** Options of `npm start`. Everything has a default; a port that is not given is a free one. */
import { parseArgs } from 'node:util'
import { FieldproofError } from '@fieldproof/sdk/base'

/** Parsed options. */
export interface DemoOptions {
  /** Where the chain, the log, the keys and the proof are kept. */
  readonly dir: string
  /** Stop after the first verified proof. */
  readonly once: boolean
  /** One JSON event a line instead of text. */
  readonly json: boolean
  /** 0 takes a free one. */
  readonly mqttPort: number
  readonly httpPort: number
  readonly rpcPort: number
  /** With `--once`: give up after this long, in ms. */
  readonly deadlineMs: number
}

/** Help text. */
export const HELP = `npm start -- [options]

Starts a local chain, a gateway with its broker, and three stations in recorded weather, two of them with emulated Arduinos that
execute our firmware; then fetches, writes and verifies one proof. Goes on until Ctrl-C; a second start resumes the same chain, log and keys.

  --once            exit 0 after the first verified proof, 1 if there is none within the deadline
  --json            one JSON event a line
  --dir DIR         where everything is kept (default .fieldproof)
  --mqtt-port N     port of the MQTT broker (default: a free one)
  --http-port N     port of the gateway's HTTP interface (default: a free one)
  --rpc-port N      port of the local chain (default: a free one)
  --deadline N      seconds that --once waits (default 150)
  --help`

/** @throws FieldproofError `usage` */
export function parseDemoOptions(argv: readonly string[]): DemoOptions | 'help' {
  const values = parse(argv)
  if (values.help === true) return 'help'
  return {
    dir: values.dir ?? '.fieldproof',
    once: values.once ?? false,
    json: values.json ?? false,
    mqttPort: integer(values['mqtt-port'] ?? '0', 'mqtt-port', 65_535),
    httpPort: integer(values['http-port'] ?? '0', 'http-port', 65_535),
    rpcPort: integer(values['rpc-port'] ?? '0', 'rpc-port', 65_535),
    deadlineMs: integer(values.deadline ?? '150', 'deadline', 3600) * 1000,
  }
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        once: { type: 'boolean' },
        json: { type: 'boolean' },
        help: { type: 'boolean' },
        dir: { type: 'string' },
        'mqtt-port': { type: 'string' },
        'http-port': { type: 'string' },
        'rpc-port': { type: 'string' },
        deadline: { type: 'string' },
      },
      strict: true,
    }).values
  } catch (cause) {
    throw new FieldproofError('usage', cause instanceof Error ? cause.message : String(cause), { cause })
  }
}

function integer(text: string, name: string, max: number): number {
  const value = Number(text)
  if (/^[0-9]{1,6}$/.test(text) && value <= max) return value
  throw new FieldproofError('usage', `--${name}: want a whole number up to ${max}, got ${JSON.stringify(text)}`)
}
