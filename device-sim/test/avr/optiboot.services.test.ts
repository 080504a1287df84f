/** The committed bootloader is what its sources give. Needs Debian's `gcc-avr avr-libc binutils-avr`. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { optibootHex } from '../../src/avr/index.ts'

test('the committed image of Optiboot is what its sources give', () => {
  const folder = mkdtempSync(join(tmpdir(), 'optiboot-'))
  try {
    const built = join(folder, 'built.hex')
    const script = new URL('../../data/optiboot/build.sh', import.meta.url)
    const { status, stderr } = spawnSync('sh', [script.pathname, built], { encoding: 'utf8' })
    expect(status, stderr).toBe(0)
    expect(readFileSync(built, 'latin1')).toBe(optibootHex())
  } finally {
    rmSync(folder, { recursive: true })
  }
})
