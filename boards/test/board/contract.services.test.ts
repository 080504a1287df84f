/**
 * The board contract in real time: through the real serialport, on a pseudo-terminal behind which our firmware is executed, and on a real
 * board where FIELDPROOF_TEST_PORT names its port.
 */
import { readFileSync } from 'node:fs'
import { optibootHex } from '@fieldproof/device-sim/avr'
import { systemClock } from '@fieldproof/sdk/node'
import { describe, expect, it } from 'vitest'
import { serialPortLine } from '../../src/line/index.ts'
import { boardContract } from '../../src/testing/index.ts'
import { pass, ptyPlace } from './places/pty-place.ts'

const api = { describe, it, expect }
const hex = readFileSync(new URL('../../firmware/fieldproof.hex', import.meta.url), 'latin1')

boardContract(api, 'our firmware on a pseudo-terminal, through serialport', { isOurs: true }, () => ptyPlace({ hex }))
boardContract(api, 'the same behind Optiboot', { isOurs: true }, () => ptyPlace({ hex, bootloader: optibootHex() }))

const port = process.env['FIELDPROOF_TEST_PORT']
if (port === undefined)
  console.log('no real board is tested: FIELDPROOF_TEST_PORT=/dev/serial/by-id/… names one that runs our firmware')
else {
  boardContract(api, `the board at ${port}`, { isOurs: true }, async () => ({
    open: serialPortLine(port),
    clock: systemClock(),
    hands: null,
    until: (promise) => promise,
    pass,
    close: async () => undefined,
  }))
}

describe('a serial port', () => {
  it('is missing where there is none, and says how to find it', async () => {
    const opening = serialPortLine('/dev/no-such-port')({ onData: () => undefined, onClose: () => undefined })
    await expect(opening).rejects.toMatchObject({ code: 'port-unavailable', facts: { reason: 'missing' } })
  })

  it('is taken while another program has it', async () => {
    const place = await ptyPlace({ hex })
    const handlers = { onData: () => undefined, onClose: () => undefined }
    const line = await place.open(handlers)
    await expect(place.open(handlers)).rejects.toMatchObject({ code: 'port-unavailable', facts: { reason: 'taken' } })
    await line.close()
    await place.close()
  })
})
