import { createRequire } from 'node:module'
import { test } from 'vitest'
import { createRig } from './rig.ts'
import { connectOneWire } from '../../src/avr/index.ts'
import { ds18b20, ds18b20Rom } from '../../src/parts/ds18b20.ts'
const E = createRequire(import.meta.url)('/work/main/node_modules/firmata-io/lib/encoder7bit.js')
test('x', () => {
  const rig = createRig()
  const roms = [ds18b20Rom(77), ds18b20Rom(1_000_078)]
  connectOneWire(rig.uno, 8, roms.map((rom) => ds18b20({ rom, celsius: () => 20, nowMs: rig.uno.nowMs })))
  const show = (n: any, m: any[]) => console.log(n, m.map(({ bytes }) => Buffer.from(bytes).toString('hex')))
  show('', rig.ask([0xf0, 0x73, 0x41, 8, 1, 0xf7]))
  show('', rig.ask([0xf0, 0x73, 0x40, 8, 0xf7], 100))
  for (const rom of roms) for (const id of [0, 1, 0x31, 0x7f, 0x80, 0xc8, 254]) {
    rig.ask([0xf0, 0x73, 1, 8, 0xf7])
    const enc = E.to7BitArray([...rom, 2, 0, id, 0, 0, 0, 0, 0, 0xbe])
    show(id + ' ' + Buffer.from(enc).toString('hex'), rig.ask([0xf0, 0x73, 0x3c, 8, ...enc, 0xf7], 40))
  }
})
