/** A passphrase from a private file, or typed where nobody sees it. Never from the command line: others on this computer read that. */
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { FieldproofError } from '../base/index.ts'
import { fileError } from '../node/whole-file.ts'
import { usageError } from './command.ts'

const MIN_LENGTH = 10

/**
 * The passphrase of a command.
 * @param file of `--passphrase-file`; undefined asks where there is a terminal
 * @param isNew asks twice, and refuses a short one
 * @throws FieldproofError `usage`, `key-exposed` when others may read the file, `file-unreadable`
 */
export async function passphraseOf(file: string | undefined, isNew: boolean): Promise<string> {
  const passphrase = file === undefined ? await ask('Passphrase: ') : await read(file)
  if (isNew && passphrase.length < MIN_LENGTH)
    throw usageError(`want a passphrase of at least ${MIN_LENGTH} characters`)
  if (isNew && file === undefined && (await ask('Again: ')) !== passphrase) throw usageError('the two differ')
  return passphrase
}

async function read(path: string): Promise<string> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      if (((await file.stat()).mode & 0o077) !== 0) {
        throw new FieldproofError('key-exposed', `others may read ${path}: run chmod 600 on it`, { facts: { path } })
      }
      return (await file.readFile('utf8')).replace(/\r?\n$/, '')
    } finally {
      await file.close()
    }
  } catch (error) {
    throw error instanceof FieldproofError ? error : fileError(error, path, 'read')
  }
}

async function ask(question: string): Promise<string> {
  const { stdin, stderr } = process
  if (stdin.isTTY !== true) throw usageError('want --passphrase-file FILE: there is no terminal to ask')
  stderr.write(question)
  stdin.setRawMode(true)
  stdin.setEncoding('utf8')
  let typed = ''
  try {
    for await (const key of stdin.iterator({ destroyOnReturn: false }) as AsyncIterable<string>) {
      for (const char of key) {
        if (char === '\r' || char === '\n') return typed
        if (char === '\u0003') throw usageError('nothing was done')
        typed = char === '\u007f' ? typed.slice(0, -1) : typed + char
      }
    }
    return typed
  } finally {
    stdin.setRawMode(false)
    stdin.pause()
    stderr.write('\n')
  }
}
