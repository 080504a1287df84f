/** `fieldproof key`: makes a key file, or tells whose it is. */
import { toHex } from '../base/index.ts'
import { createKeyFile } from '../node/key-file.ts'
import { keyInvalid, readPrivateKey } from '../node/private-file.ts'
import { createRecipientKey, openRecipientKey } from '../node/recipient-key.ts'
import { type Command, parseOptions, usageError } from './command.ts'
import { linesOf, machineFacts, STATION_KEY_ACTIONS, STATION_KEY_HELP } from './station-key-command.ts'

/** The command. */
export const keyCommand: Command = {
  name: 'key',
  summary: 'make the key of a machine or a reader, or show its public part',
  help: `fieldproof key FILE [--create] [--alg p256|ed25519|x25519] [--json]

Shows machine id, thumbprint and COSE_Key of a machine's key file, or the public part of a reader's: streams are sealed for
it, and the key opens them. With --create it makes a new file first, readable by you alone, P-256 unless --alg says
otherwise; an existing file is never overwritten. Without --create the file says what kind of key it holds.

  fieldproof key porch.key --create
  fieldproof key reader.key --create --alg x25519

${STATION_KEY_HELP}`,
  async run(args, context) {
    const [name = '', ...rest] = args
    // A name alone is a file's, as it always was.
    const action = rest.length > 0 && Object.hasOwn(STATION_KEY_ACTIONS, name) ? STATION_KEY_ACTIONS[name] : undefined
    if (action !== undefined) return await action(rest, context)
    const options = { create: { type: 'boolean' }, alg: { type: 'string' }, json: { type: 'boolean' } } as const
    const { values, positionals } = parseOptions(args, options, 1)
    const path = String(positionals[0])
    const { alg } = values
    if (alg !== undefined && !isKeyAlg(alg)) throw usageError(`--alg: want ${KEY_ALGS.join(', ')}`)
    if (values['create']) await create(path, alg ?? 'p256')
    const held = await algOf(path, alg)
    if (alg !== undefined && alg !== held) throw usageError(`--alg ${alg}: ${path} holds a key for ${held}`)
    const facts = await (held === 'x25519' ? readerFacts(path) : machineFacts(path))
    context.print(values['json'] === true ? JSON.stringify(facts) : linesOf(facts))
    return 0
  },
}

/** Names are stable: programs read them. */
type Facts = Readonly<Record<string, string>>

const KEY_ALGS = ['p256', 'ed25519', 'x25519'] as const
type KeyAlg = (typeof KEY_ALGS)[number]

function isKeyAlg(value: unknown): value is KeyAlg {
  return KEY_ALGS.some((alg) => alg === value)
}

async function create(path: string, alg: KeyAlg): Promise<void> {
  if (alg === 'x25519') await createRecipientKey(path)
  else await createKeyFile(path, { alg: alg === 'p256' ? -9 : -19 })
}

async function algOf(path: string, wanted: KeyAlg | undefined): Promise<KeyAlg> {
  const making = `fieldproof key ${path} --create${wanted === undefined ? '' : ` --alg ${wanted}`}`
  const key = await readPrivateKey(path, making)
  const { asymmetricKeyType: type } = key
  if (type === 'ed25519' || type === 'x25519') return type
  if (type === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1') return 'p256'
  throw keyInvalid(path, 'no P-256, Ed25519 or X25519 key')
}

async function readerFacts(path: string): Promise<Facts> {
  const { publicKey } = await openRecipientKey(path)
  return { recipient: toHex(publicKey) }
}
