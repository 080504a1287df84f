/** The `fieldproof-gateway` command. Arguments in, exit code out; the file in bin/ only calls this. */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { errorLine, FieldproofError, fieldproofErrorOf, fromHex, machineId } from '@fieldproof/sdk/base'
import { caip2Of } from '@fieldproof/sdk/evm'
import { accountOf } from '../anchor/index.ts'
import { type ChainConfig, type GatewayConfig, parseConfig } from '../config/config.ts'
import { genesisOf, storeGenesis } from '../config/genesis.ts'
import { readPrivateFile } from '../config/log-key.ts'
import { beginLog, describeLog, type LogOnChain, openChain } from '../config/open-chain.ts'
import { openState, startGateway } from '../gateway.ts'
import { everyKeyEnrolled } from '../ingest/key-registry.ts'
import { passwordOf } from '../ingest/machine-auth.ts'
import type { LogSigner } from '../ledger/log-signer.ts'
import type { Store } from '../ledger/store.ts'
import { eventLog } from './log.ts'

const USAGE = `Usage: fieldproof-gateway <command> --config FILE [options]

Commands
  init      make the data directory, the log key and the database, and begin the log on its chain
              --owner-key FILE   private key of the configured owner (only with a chain)
  run       run the gateway until it is told to stop
              --json             one JSON event a line
  password  print the broker password of a machine
              --machine ID

The configuration is a JSON file; every option is described in the repository, in gateway/src/config/fields.ts.
`

/** Exit codes: 0 done, 1 failed, 2 used wrongly. */
export type ExitCode = 0 | 1 | 2

/** What the command touches of its process. */
export interface Surroundings {
  readonly out: (text: string) => void
  readonly err: (text: string) => void
  /** Resolves when the process is asked to stop. */
  readonly stopped: Promise<void>
}

/** Runs the command. Never throws. */
export async function main(args: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  try {
    return await dispatch(args, surroundings)
  } catch (error) {
    const known = fieldproofErrorOf(error)
    surroundings.err(`${errorLine(error)}\n`)
    if (known !== undefined) surroundings.err(`See ${known.docs}\n`)
    return known?.code === 'usage' ? 2 : 1
  }
}

async function dispatch(args: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const { values, positionals } = readArgs(args)
  const [command] = positionals
  if (values.help === true || command === undefined) {
    surroundings.out(USAGE)
    return command === undefined && values.help !== true ? 2 : 0
  }
  if (values.config === undefined || positionals.length > 1) throw usage('want one command and --config FILE')
  const config = readConfig(values.config)
  if (command === 'init') return await init(config, values['owner-key'], surroundings)
  if (command === 'run') return await run(config, values.json === true, surroundings)
  if (command === 'password') return printPassword(config, values.machine, surroundings)
  throw usage(`there is no command ${JSON.stringify(command)}`)
}

async function init(config: GatewayConfig, ownerKeyFile: string | undefined, { out }: Surroundings): Promise<ExitCode> {
  const { signer, store } = openState(config, true)
  try {
    const log = config.chain && (await beginOnChain(config, config.chain, signer, ownerKeyFile))
    const anchoring = config.chain && log && { caip2: caip2Of(config.chain.chainId), anchorLog: log.anchorLog }
    await storeGenesis(store, genesisOf(config, signer, anchoring))
    out(`${JSON.stringify({ dataDir: config.dataDir, ...(log && describeLog(log)) })}\n`)
    return 0
  } finally {
    await store.close()
  }
}

async function beginOnChain(
  config: GatewayConfig,
  chain: ChainConfig,
  signer: LogSigner,
  ownerKeyFile: string | undefined,
): Promise<LogOnChain> {
  if (ownerKeyFile === undefined) throw usage('beginning a log on its chain needs --owner-key FILE')
  const ownerKey = readPrivateFile(ownerKeyFile, 'owner key').trim()
  const appender = accountOf(readPrivateFile(chain.appenderKeyFile, 'appender key').trim()).address
  return await beginLog(config, chain, signer, ownerKey, appender)
}

async function run(config: GatewayConfig, json: boolean, { out, stopped }: Surroundings): Promise<ExitCode> {
  const { signer, store } = openState(config, false)
  const chain = config.chain && (await openChain(config, config.chain, signer).catch(closing(store)))
  const gateway = await startGateway({
    config,
    signer,
    store,
    ...(chain ?? { anchoring: null, registry: everyKeyEnrolled }),
    onEvent: eventLog(json, out),
  })
  const failure = await Promise.race([gateway.failed, stopped.then(() => null)])
  await gateway.stop()
  return failure === null ? 0 : 1
}

function closing(store: Store): (error: unknown) => Promise<never> {
  return async (error) => {
    await store.close()
    throw error
  }
}

function printPassword({ mqtt }: GatewayConfig, machine: string | undefined, { out }: Surroundings): ExitCode {
  if (machine === undefined) throw usage('want --machine ID')
  if (mqtt.passwordKeyFile === null) throw usage('the configuration names no mqtt.passwordKeyFile')
  out(`${passwordOf(fromHex(readPrivateFile(mqtt.passwordKeyFile, 'password key').trim()), machineId(machine))}\n`)
  return 0
}

function readConfig(path: string): GatewayConfig {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    throw new FieldproofError('file-unreadable', `the configuration ${path} cannot be read`, { cause })
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new FieldproofError('config-invalid', `${path} is not JSON: ${errorLine(cause)}`, { cause })
  }
  return parseConfig(value)
}

function readArgs(args: readonly string[]): { values: Values; positionals: string[] } {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        config: { type: 'string' },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
        machine: { type: 'string' },
        'owner-key': { type: 'string' },
      },
    })
  } catch (cause) {
    throw new FieldproofError('usage', errorLine(cause), { cause })
  }
}

interface Values {
  readonly config?: string | undefined
  readonly json?: boolean | undefined
  readonly help?: boolean | undefined
  readonly machine?: string | undefined
  readonly 'owner-key'?: string | undefined
}

function usage(detail: string): FieldproofError {
  return new FieldproofError('usage', `${detail}; fieldproof-gateway --help says more`)
}
