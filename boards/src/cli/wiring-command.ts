/** `fieldproof wiring`: what goes where. */

import { parseOptions, printableJson, usageError } from '@fieldproof/sdk/cli'
import { createWholeFile, errnoOf, fileError } from '@fieldproof/sdk/node'
import { configPath, readConfig } from '../config/index.ts'
import { partsOf, type StationDefinition } from '../station/definition.ts'
import { wiringSvg, wiringText } from '../wiring/index.ts'
import { isThere } from './station/station-folder.ts'
import type { StationCommand, Surroundings } from './surroundings.ts'

/** The command. */
export const wiringCommand: StationCommand = {
  name: 'wiring',
  summary: 'show how a station is wired',
  help: `fieldproof wiring STATION|DIR [--svg FILE] [--json]

Shows which terminal of which part goes to which pin: of a kind of station with its default settings, or of the station in DIR with its own.
--svg writes the diagram to a new file. With --json one document: {"station", "parts": [{"name", "title", "wires", "notes"}]}.

  fieldproof wiring weather-station
  fieldproof wiring porch --svg porch.svg`,
  async run(args, surroundings) {
    const { values, positionals } = parseOptions(args, { svg: { type: 'string' }, json: { type: 'boolean' } }, 1)
    const station = await stationOf(String(positionals[0]), surroundings)
    const { svg, json } = values
    if (typeof svg === 'string') await writeSvg(svg, wiringSvg(station))
    if (json === true) {
      const parts = partsOf(station).map(([name, part]) => ({ name, ...part }))
      surroundings.print(printableJson({ station: station.name, parts, svg: svg ?? null }))
    } else surroundings.print(typeof svg === 'string' ? `wrote ${svg}` : wiringText(station))
    return 0
  },
}

async function stationOf(name: string, { profiles }: Surroundings): Promise<StationDefinition> {
  if (await isThere(configPath(name))) return (await readConfig(name, profiles)).definition
  const profile = Object.hasOwn(profiles, name) ? profiles[name] : undefined
  if (profile !== undefined) return profile.define({})
  throw usageError(
    `${JSON.stringify(name)} is neither a station's folder nor one of ${Object.keys(profiles).join(', ')}`,
  )
}

async function writeSvg(path: string, svg: string): Promise<void> {
  try {
    await createWholeFile(path, svg)
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') throw usageError(`--svg: ${path} exists`)
    throw fileError(error, path, 'write')
  }
}
