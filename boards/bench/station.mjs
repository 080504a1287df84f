/** What a whole station costs on the device: a weather station on a pseudo-terminal behind which our firmware is executed. */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BOARD_SCENE } from '@fieldproof/device-sim'
import { onPty, startUnoThread } from '@fieldproof/device-sim/line'
import { Aedes } from 'aedes'
import { bareNodeMb, runChild } from '../../scripts/bench/child.mjs'
import { benchRow } from '../../scripts/bench/row.mjs'

const SECONDS = 20
const PROCESS = new URL('./station-process.mjs', import.meta.url).pathname

export async function rows() {
  const dir = mkdtempSync(join(tmpdir(), 'fieldproof-bench-'))
  const broker = await Aedes.createBroker()
  const server = createServer({ noDelay: true }, broker.handle)
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const now = Date.now()
  const weather = { station: 'weather-station', seed: 1, startDate: '2014-03-01', startedAt: now, now, pace: 60 }
  const board = await startUnoThread({ scene: BOARD_SCENE, data: weather })
  const pty = await onPty(board)
  try {
    const result = await runChild(PROCESS, [
      dir,
      `mqtt://127.0.0.1:${server.address().port}`,
      pty.path(),
      String(SECONDS),
    ])
    if (result.rows < SECONDS / 2) throw new Error(`the station recorded ${result.rows} rows only`)
    return rowsOf(result, bareNodeMb())
  } finally {
    await pty.close()
    await board.close()
    server.close()
    broker.close()
    rmSync(dir, { recursive: true, force: true })
  }
}

function rowsOf({ rssMb, firstBatchMs, cpuPercent }, bareMb) {
  const row = (name, value, unit, limit, target) =>
    benchRow({ name, value, unit, limit, target, higherIsBetter: false })
  return [
    row('station memory, board, outbox and link / bare node', rssMb, 'MB', bareMb, 80 / 39),
    row('station start to first signed batch, board and bootloader included', firstBatchMs / 1000, 's', 1, 2),
    row('station CPU, weather station at 1 Hz', cpuPercent, '%', 1, 3),
  ]
}
