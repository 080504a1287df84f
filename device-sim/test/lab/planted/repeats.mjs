/** Drivers that give their last values again when the sensor does not answer, as Johnny-Five's components do. */
export const plant = (station) => ({ ...station, sensors: mapped(station.sensors) })

function mapped(sensors) {
  return Object.fromEntries(Object.entries(sensors).map(([name, sensor]) => [name, repeating(sensor)]))
}

function repeating(sensor) {
  let last
  const start = async (session) => {
    const started = await sensor.driver.start(session).catch((error) => {
      if (last === undefined) throw error
      return { read: () => Promise.reject(error) }
    })
    const read = async () => {
      try {
        last = await started.read()
        return last
      } catch (error) {
        if (last === undefined) throw error
        return { values: last.values }
      }
    }
    return { ...started, read }
  }
  return { ...sensor, driver: { start } }
}
