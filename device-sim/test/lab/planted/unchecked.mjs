/** A station that reads through garbage: it asks again until something comes, and never whether the line was good (BOARD-9). */
export { cable, firmware } from './bad-cable.mjs'

const TRIES = 8

export const plant = (station) => ({
  ...station,
  sensors: Object.fromEntries(Object.entries(station.sensors).map(([name, sensor]) => [name, unchecked(sensor)])),
})

function unchecked(sensor) {
  const start = async (session) => {
    session.check = async () => undefined
    Object.defineProperty(session, 'lineFaults', { value: 0, configurable: true })
    const started = await again(() => sensor.driver.start(session))
    return { ...started, read: () => again(started.read) }
  }
  return { ...sensor, driver: { start } }
}

async function again(work) {
  for (let tries = 1; ; tries++) {
    try {
      return await work()
    } catch (error) {
      if (tries === TRIES) throw error
    }
  }
}
