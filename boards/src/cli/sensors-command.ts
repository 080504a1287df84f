/** `fieldproof sensors`: what each sensor says right now. */
import { FieldproofError } from '@fieldproof/sdk/base'
import { parseOptions, printable, printableJson } from '@fieldproof/sdk/cli'
import { environmentOverrides, readConfig } from '../config/index.ts'
import { openBoard } from './host/board-access.ts'
import { checkSensors, type SensorFinding } from './host/sensor-check.ts'
import type { StationCommand } from './surroundings.ts'

/** The command. */
export const sensorsCommand: StationCommand = {
  name: 'sensors',
  summary: 'read every sensor once',
  help: `fieldproof sensors DIR [--port PORT] [--json]

Reads every sensor of the station in DIR once, with unit and quality, and says what to do about one that does not answer. Nothing is signed. A
board that a running station holds is left alone. Exit code 1 when a sensor failed. With --json one document: {"sensors": [...]}.

  fieldproof sensors porch`,
  async run(args, surroundings) {
    const { values, positionals } = parseOptions(args, { port: { type: 'string' }, json: { type: 'boolean' } }, 1)
    const dir = String(positionals[0])
    const fromEnv = environmentOverrides(surroundings.env)
    const port = typeof values['port'] === 'string' ? values['port'] : fromEnv.port
    const config = await readConfig(dir, surroundings.profiles, { ...fromEnv, port })
    if (config.port === null)
      throw new FieldproofError('config-invalid', 'no serial port: give --port; see `fieldproof ports`')
    const board = await openBoard(surroundings, config.port)
    let sensors: readonly SensorFinding[]
    try {
      sensors = await checkSensors(config.definition, board.session, surroundings.clock)
    } finally {
      await board.close()
    }
    if (values['json'] === true) surroundings.print(printableJson({ sensors }))
    else surroundings.print(sensors.map(sensorText).join('\n'))
    return sensors.some(({ fault }) => fault !== null) ? 1 : 0
  },
}

/** A sensor for people, some lines. */
export function sensorText({ sensor, title, values, fault, remedy }: SensorFinding): string {
  const lines = [
    `${sensor} (${title})`,
    ...(fault === null ? [] : [`  ${fault.code}: ${fault.detail}`]),
    ...values
      .filter(({ value }) => value !== null)
      .map(({ quantity, value, unit, quality }) => `  ${quantity}  ${value} ${unit}  ${quality}`),
    ...(remedy === null ? [] : [`  -> ${remedy}`]),
  ]
  return lines.map((line) => printable(line)).join('\n')
}
