/** `fieldproof proof`: fetches a proof file from a gateway, which may be anyone's: the file speaks for itself. */
import { readHeader } from '../evm/index.ts'
import { nativeHash } from '../native/index.ts'
import { openRecipientKey } from '../node/recipient-key.ts'
import { decodeBundle } from '../verify/index.ts'
import { type Command, parseOptions, usageError } from './command.ts'
import { proofTarget, writeProof } from './proof-output.ts'
import { fetchProof, openProof } from './proof-source.ts'
import { readWanted } from './proof-wanted.ts'

/** The command. */
export const proofCommand: Command = {
  name: 'proof',
  summary: 'fetch the proof of one reading, or of several, from a gateway',
  help: `fieldproof proof --gateway URL --machine ID [--stream NAME | --sequence N] [--row N] [--offline] [--output FILE]
fieldproof proof --gateway URL --at ID:SEQUENCE:ROW [--at …] [--offline] [--open-with KEY] [--output FILE]

Fetches the proof of one row: the newest anchored one, or row N of the batch with that sequence. With --at it is one proof
of many rows, of any batches, streams and machines of this gateway.

  --gateway URL    base URL of the gateway
  --machine ID     machine id, 26 characters
  --stream NAME    the newest anchored batch of this stream; of any but health when absent
  --sequence N     that batch
  --row N          row in the batch, from 1; the first when absent
  --at ID:SEQ:ROW  a row of a batch of a machine; may be given many times. SEQ@INDEX names the log index too, after a branch
  --offline        bring the state of a block, so that whoever knows its hash can check the proof without a network
  --open-with KEY  open sealed rows with this X25519 key file, here: neither the key nor another row leaves this machine
  --output FILE    proof.fpproof when absent; replaces nothing but a proof. Opened rows are written for you alone (mode 0600)

  fieldproof proof --gateway http://127.0.0.1:8787 --machine ID --output reading.fpproof
  fieldproof proof --gateway http://127.0.0.1:8787 --at ID:7:1 --at ID:8:3 --offline`,
  async run(args, context) {
    const { values } = parseOptions(
      args,
      {
        gateway: { type: 'string' },
        machine: { type: 'string' },
        sequence: { type: 'string' },
        stream: { type: 'string' },
        row: { type: 'string' },
        at: { type: 'string', multiple: true },
        offline: { type: 'boolean' },
        'open-with': { type: 'string' },
        output: { type: 'string' },
      },
      0,
    )
    const { gateway, output = 'proof.fpproof', 'open-with': keyFile } = values
    if (typeof gateway !== 'string') throw usageError('want --gateway URL')
    const wanted = readWanted(values)
    const form = values['offline'] ? 'state' : 'transaction'
    const target = await proofTarget(String(output))
    const bytes =
      typeof keyFile === 'string'
        ? await openProof(gateway, wanted, form, await openRecipientKey(keyFile))
        : await fetchProof(gateway, wanted, form)
    const hints = howToCheck(bytes, String(output))
    await writeProof(target, bytes, typeof keyFile === 'string')
    context.print(`${String(output)}: ${bytes.length} bytes`)
    for (const line of hints) context.print(line)
    return 0
  },
}

/** Which block an offline proof rests on. Its hash is not printed here: whoever checks it must have it from elsewhere. */
function howToCheck(bytes: Uint8Array, file: string): readonly string[] {
  const { anchor } = decodeBundle(bytes, nativeHash)
  if (anchor.kind !== 'state') return []
  const { number } = readHeader(anchor.header)
  return [
    `It shows the state after block ${number} of ${anchor.caip2}. Look up the hash of that block where you trust it, then:`,
    `fieldproof verify ${file} --trust TRUST --block-hash HASH`,
  ]
}
