/** `fieldproof key`: makes a key file, or tells whose it is. */
import { machineIdOf, toHex } from '../base/index.ts'
import { encodeCoseKey, thumbprint } from '../crypto/index.ts'
import { nativeHash } from '../native/index.ts'
import { createKeyFile, openKeyFile } from '../node/key-file.ts'
import { createRecipientKey, openRecipientKey } from '../node/recipient-key.ts'
import { type Command, parseOptions, usageError } from './command.ts'

/** The command. */
export const keyCommand: Command = {
  name: 'key',
  summary: 'make a machine key, or show its public part',
  help: `fieldproof key FILE [--create] [--alg p256|ed25519|x25519]

Shows machine id, thumbprint and COSE_Key of a key file. With --create it makes a new one first, readable by you alone; an
existing file is never overwritten. An x25519 key is a reader's: streams are sealed for its public part, and it opens them.

  fieldproof key porch.key --create
  fieldproof key reader.key --create --alg x25519`,
  async run(args, context) {
    const { values, positionals } = parseOptions(args, { create: { type: 'boolean' }, alg: { type: 'string' } }, 1)
    const path = String(positionals[0])
    const { alg = 'p256' } = values
    if (alg === 'x25519') {
      const { publicKey } = await (values['create'] ? createRecipientKey(path) : openRecipientKey(path))
      context.print(`recipient   ${toHex(publicKey)}`)
      return 0
    }
    if (alg !== 'p256' && alg !== 'ed25519') throw usageError('--alg: want p256, ed25519 or x25519')
    if (values['create']) await createKeyFile(path, { alg: alg === 'p256' ? -9 : -19 })
    const signer = await openKeyFile(path)
    const print = thumbprint(signer, nativeHash)
    context.print(
      `machine     ${machineIdOf(print)}\nthumbprint  ${toHex(print)}\nCOSE_Key    ${toHex(encodeCoseKey(signer))}`,
    )
    return 0
  },
}
