/** A rain gauge of which every tip counts twice, as one that bounces through a debounce time that is too short. */
export const plant = (station) => ({
  ...station,
  sensors: { ...station.sensors, rain: doubling(station.sensors.rain) },
})

function doubling(sensor) {
  const start = async (session) => {
    const started = await sensor.driver.start(session)
    const read = async () => {
      const measured = await started.read()
      const { tips } = measured.values
      return { ...measured, values: { ...measured.values, tips: tips === null ? null : tips * 2 } }
    }
    return { ...started, read }
  }
  return { ...sensor, driver: { start } }
}
