/** A station of your own with a sensor of your own: `node station.js PORT [DIR]`. A light sensor (LDR and 10 kΩ) at A0, a row a second. */
import { defineStation, runStation, stationStreams } from '@fieldproof/boards'
import { serialPortLine } from '@fieldproof/boards/line'
import { initLocalStation, openMachine, systemClock } from '@fieldproof/sdk'

const [port, dir = 'light'] = process.argv.slice(2)
if (port === undefined) throw new Error('want: node station.js PORT [DIR]')

const station = defineStation({
  name: 'light-station',
  title: 'Light station',
  board: 'uno',
  sensors: {
    light: {
      part: { title: 'LDR', wires: [{ terminal: 'OUT', pin: 'A0', pull: { ohms: 10_000, to: 'GND' } }] },
      quantities: { raw: { unit: '', decimals: 0 } },
      driver: { start: async (board) => ({ read: async () => ({ values: { raw: await board.analogRead(0) } }) }) },
    },
  },
  streams: {
    light: { everyMs: 1000, columns: { lightRaw: { sensor: 'light', quantity: 'raw' } }, method: 'An LDR, 0 to 1023.' },
  },
})

await initLocalStation(dir) // key and outbox, once; `fieldproof init DIR --gateway URL` adds a gateway later
const clock = systemClock()
const say = (event) => console.log(JSON.stringify(event))
const machine = await openMachine({
  dir,
  gateway: null,
  streams: stationStreams(station).map((definition) => ({ definition })),
  clock,
  software: 'light-station 1',
  timing: { maxAgeMs: 10_000 },
  onEvent: say,
})
const running = runStation({ station, recorder: machine, open: serialPortLine(port), clock, onEvent: say })

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, async () => {
    await running.stop()
    await machine.stop()
  })
}
