/** The process that is killed while it waters: the production station on a port that its parent serves. SIGTERM stops it as in the field. */
import { runStation, STATIONS } from '@fieldproof/boards'
import { FieldproofError, fieldproofErrorOf } from '@fieldproof/sdk/base'
import { systemClock } from '@fieldproof/sdk/node'
import { parentLine } from '../lab/process-line.ts'
import type { ValveCommand, ValveWord } from './valve-messages.ts'

const STREAM = 'actuations'
const say = (word: ValveWord): void => void process.send?.(word)

const profile = STATIONS['irrigation-station']
if (profile === undefined) throw new FieldproofError('config-invalid', 'no irrigation station')
const station = runStation({
  station: profile.define({ everyMs: 2_000 }),
  recorder: {
    record: async (stream, { command, outcome }) => {
      if (stream === STREAM)
        say({ word: 'row', command: command === null ? null : String(command), outcome: String(outcome) })
    },
  },
  open: parentLine(),
  clock: systemClock(),
  onEvent: (event) => {
    if (event.event === 'board-down') say({ word: 'down' })
    if (event.event === 'row') sayUp(event.epoch) // by its first row the station has closed the valve
  },
})

let saidUp = 0
function sayUp(epoch: number): void {
  if (epoch <= saidUp) return
  saidUp = epoch
  say({ word: 'up', epoch })
}

process.on('message', (message: Partial<ValveCommand>) => {
  if (message.openForMs === undefined) return
  station.valve?.open(message.openForMs).then(
    () => say({ word: 'answer', outcome: 'open' }),
    (error: unknown) => say({ word: 'answer', outcome: fieldproofErrorOf(error)?.code ?? String(error) }),
  )
})
process.once('SIGTERM', () => void station.stop().then(() => process.exit(0)))
process.once('disconnect', () => process.exit(1)) // the parent is gone: nobody serves the port
