/** The firmware in this package: an image and a manifest that says what it was built from. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { FieldproofError } from '@fieldproof/sdk/base'

/** An image that is what its manifest says. */
export interface Firmware {
  /** 16 hexadecimal digits; a board that runs it says the same. */
  readonly buildId: string
  /** Path of the Intel HEX file. */
  readonly hex: string
  readonly hexSha256: string
}

const FOLDER = new URL('../../../firmware/', import.meta.url)

/** The packaged firmware. @throws FieldproofError `file-unreadable` when the image is not the one of the manifest */
export async function packagedFirmware(folder: URL = FOLDER): Promise<Firmware> {
  const hex = fileURLToPath(new URL('fieldproof.hex', folder))
  const [image, manifest] = await Promise.all([
    readFile(hex),
    readFile(new URL('manifest.json', folder), 'utf8'),
  ]).catch((cause: unknown) => {
    throw damaged(hex, 'missing', cause)
  })
  const { buildId, hexSha256 } = JSON.parse(manifest) as Readonly<Record<string, unknown>>
  const digest = createHash('sha256').update(image).digest('hex')
  if (typeof buildId !== 'string' || digest !== hexSha256) throw damaged(hex, 'not the one of its manifest')
  return { buildId, hex, hexSha256: digest }
}

function damaged(path: string, what: string, cause?: unknown): FieldproofError {
  return new FieldproofError('file-unreadable', `the firmware ${path} is ${what}: install @fieldproof/boards again`, {
    facts: { path },
    cause,
  })
}
