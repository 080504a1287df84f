import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { crc16, createRig } from './rig.ts'

const SPEC = readFileSync(new URL('../../../schemas/spec/08-board.md', import.meta.url), 'utf8')

/** Bytes of the lines of the example that begin with a name. */
function lines(name: string): number[][] {
  const found = [...SPEC.matchAll(new RegExp(`^${name} +((?:[0-9a-f]{2}(?: |$))+)`, 'gm'))]
  return found.map(([, bytes = '']) =>
    bytes
      .trim()
      .split(' ')
      .map((byte) => Number.parseInt(byte, 16)),
  )
}

test('the example of the specification is what the board says (BOARD-1, BOARD-9, BOARD-14)', () => {
  const rig = createRig({}, 150)
  const [request = []] = lines('host')
  rig.ask(request, 300)
  const said = rig.messages.map(({ bytes }) => bytes)
  expect(said.map((bytes) => Buffer.from(bytes).toString('hex'))).toEqual(
    lines('board').map((bytes) => Buffer.from(bytes).toString('hex')),
  )
})

test('the check value that the specification names is the one of its CRC (BOARD-9)', () => {
  expect(SPEC).toContain(`\`123456789\` gives 0x${crc16([...Buffer.from('123456789')]).toString(16)}`)
})
