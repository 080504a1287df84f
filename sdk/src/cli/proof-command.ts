/** `fieldproof proof`: fetches a proof file from a gateway, which may be anyone's: the file speaks for itself. */
import { writeFile } from 'node:fs/promises'
import { machineId } from '../base/index.ts'
import { fetchBytes } from '../node/gateway-info.ts'
import { MAX_BUNDLE_BYTES } from '../wire/index.ts'
import { type Command, integerOption, parseOptions, usageError } from './command.ts'

/** The command. */
export const proofCommand: Command = {
  name: 'proof',
  summary: 'fetch the proof of one reading from a gateway',
  help: `fieldproof proof --gateway URL --machine ID [--sequence N] [--row N] [--output FILE]

Fetches the proof of one row: the newest anchored one, or row N of the batch with that sequence.

  --gateway URL   base URL of the gateway
  --machine ID    machine id, 26 characters
  --sequence N    batch; the newest anchored one when absent
  --row N         row in the batch, from 1; the first when absent
  --output FILE   proof.fpproof when absent

  fieldproof proof --gateway http://127.0.0.1:8787 --machine ID --output reading.fpproof`,
  async run(args, context) {
    const { values } = parseOptions(
      args,
      {
        gateway: { type: 'string' },
        machine: { type: 'string' },
        sequence: { type: 'string' },
        row: { type: 'string' },
        output: { type: 'string' },
      },
      0,
    )
    const { gateway, machine, output = 'proof.fpproof' } = values
    if (typeof gateway !== 'string' || typeof machine !== 'string')
      throw usageError('want --gateway URL and --machine ID')
    const query = new URLSearchParams({ machine: machineId(machine) })
    for (const name of ['sequence', 'row']) {
      const value = values[name]
      if (typeof value === 'string') query.set(name, String(integerOption(value, name)))
    }
    const bytes = await fetchBytes(gateway, `/v1/proof?${query}`, {}, MAX_BUNDLE_BYTES)
    await writeFile(String(output), bytes)
    context.print(`${String(output)}: ${bytes.length} bytes`)
    return 0
  },
}
