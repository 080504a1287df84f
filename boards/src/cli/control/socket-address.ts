/**
 * The socket of a station's folder. A socket's name is short by nature, and a folder's path may be long: then the folder is opened, and its
 * socket named below the open folder.
 */
import { constants, existsSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { FieldproofError } from '@fieldproof/sdk/base'

/** How the kernel is told which socket. */
export interface SocketAddress {
  readonly path: string
  /** The name is of use until then. Doing it again does nothing. */
  close(): Promise<void>
}

const NAME = 'control.sock'
/** unix(7): 108 with the zero at the end. Node cuts off what is longer, and says nothing. */
const MAX_NAME_BYTES = 107
const OPEN_FILES = '/proc/self/fd'

/** Path of a folder's socket, for people. */
export function controlPath(dir: string): string {
  return join(dir, NAME)
}

/** @throws FieldproofError `config-invalid` for a path that is too long where there is no /proc; what the operating system says of the folder */
export async function socketAddress(dir: string): Promise<SocketAddress> {
  const path = controlPath(dir)
  const bytes = Buffer.byteLength(path)
  if (bytes <= MAX_NAME_BYTES) return { path, close: async () => undefined }
  if (!existsSync(OPEN_FILES)) {
    const detail = `${path} has ${bytes} bytes, and the name of a socket at most ${MAX_NAME_BYTES}: give a shorter path`
    throw new FieldproofError('config-invalid', detail, { facts: { bytes } })
  }
  const folder = await open(dir, constants.O_RDONLY | constants.O_DIRECTORY)
  return { path: `${OPEN_FILES}/${folder.fd}/${NAME}`, close: () => folder.close() }
}
