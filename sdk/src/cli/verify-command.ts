/** `fieldproof verify`: checks one proof file with nothing but what the command line gives it. */
import { open } from 'node:fs/promises'
import { FieldproofError } from '../base/index.ts'
import { nativeHash, nativeSuites } from '../native/index.ts'
import { httpRpc } from '../node/json-rpc.ts'
import { type Verdict, verifyBundle } from '../verify/index.ts'
import { MAX_BUNDLE_BYTES } from '../wire/index.ts'
import { type Command, parseOptions } from './command.ts'
import { printableJson } from './printable.ts'
import { reportJson, reportText } from './report-text.ts'
import { readTrust } from './trust.ts'

const EXIT: Readonly<Record<Verdict, number>> = { pass: 0, fail: 1, unchecked: 2 }

/** The command. */
export const verifyCommand: Command = {
  name: 'verify',
  summary: 'check one proof file, without trusting whoever gave it to you',
  help: `fieldproof verify FILE --trust FILE [--json]
fieldproof verify FILE --rpc URL --registry ADDRESS [--chain-id N] [--json]
fieldproof verify FILE --block-hash HASH --registry ADDRESS --chain-id N [--json]

Checks every byte of a proof file against the registry that you trust and a node that you trust. A proof that carries the
state (fieldproof proof --offline) needs no network: the hash of its block is enough, from wherever you trust it.

  --trust FILE        JSON with rpc, chainId and registry
  --rpc URL           JSON-RPC endpoint of an EVM node
  --block-hash HASH   hash of the proof's block; no node is asked, not even the one of the trust file
  --registry ADDRESS  MachineRegistry contract
  --chain-id N        the chain that you trust; refuse a node or a proof of another one
  --json              one JSON object instead of text

Exit code: 0 every required check passed, 1 one failed, 2 it could not be checked.

  fieldproof verify reading.fpproof --trust trust.json
  fieldproof verify reading.fpproof --trust trust.json --block-hash 0x2c9a…`,
  async run(args, context) {
    const parsed = parseOptions(
      args,
      {
        trust: { type: 'string' },
        rpc: { type: 'string' },
        registry: { type: 'string' },
        'block-hash': { type: 'string' },
        'chain-id': { type: 'string' },
        json: { type: 'boolean' },
      },
      1,
    )
    const { rpc, ...trusted } = await readTrust(parsed)
    const bytes = await readProof(String(parsed.positionals[0]))
    const engines = { hash: nativeHash, suites: nativeSuites }
    const report = await verifyBundle(bytes, { ...trusted, engines, ...(rpc !== undefined && { rpc: httpRpc(rpc) }) })
    context.print(parsed.values['json'] ? printableJson(reportJson(report)) : reportText(report, context.colours))
    return EXIT[report.verdict]
  },
}

/** At most one byte more than a bundle may have: whatever the path names, a pipe or a device, cannot fill the memory. */
async function readProof(path: string): Promise<Uint8Array> {
  try {
    const file = await open(path)
    try {
      const chunks: Uint8Array[] = []
      for await (const chunk of file.createReadStream({ end: MAX_BUNDLE_BYTES })) chunks.push(chunk as Uint8Array)
      return new Uint8Array(Buffer.concat(chunks))
    } finally {
      await file.close()
    }
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    throw new FieldproofError('file-unreadable', `${path}: ${code ?? message}`, { cause })
  }
}
