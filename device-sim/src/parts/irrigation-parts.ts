/**
 * The parts of the irrigation station over the soil of a site, at the pins of the board's firmware: flow meter on D4 behind the
 * valve on D7, soil probes on A1 (shallow) and A2 (deep), soil thermometer on D8. Water that flows wets the plot.
 */
import { createPlot, type Plot, SATURATION, type Site } from '../world/index.ts'
import { type FlowMeter, flowMeter } from './flow-meter.ts'
import type { Signal } from './part.ts'
import { type SoilProbe, soilProbe } from './soil-probe.ts'
import { type Thermometer, thermometer } from './thermometer.ts'
import { type ValveWatch, valveWatch } from './valve-watch.ts'
import type { StationParts, StationPartsOptions } from './weather-parts.ts'

/** How the irrigation station sees the world, and what it waters. */
export interface IrrigationPartsOptions extends StationPartsOptions {
  /** Flow through the open valve, l/min; default 6. */
  readonly litresPerMinute?: Signal
  /** What the water falls on, m2; default 4. */
  readonly areaM2?: number
}

/** Parts of the irrigation station. */
export interface IrrigationParts extends StationParts {
  readonly flow: FlowMeter
  readonly shallow: SoilProbe
  readonly deep: SoilProbe
  readonly soil: Thermometer
  readonly valve: ValveWatch
  /** What is watered; a litre on a square metre is a millimetre. */
  readonly plot: Plot
}

const LITRES_PER_MINUTE = 6
const AREA_M2 = 4
const SHALLOW_CHANNEL = 1
const DEEP_CHANNEL = 2

/** Parts of an irrigation station at a site. */
export function irrigationParts(site: Site, options: IrrigationPartsOptions): IrrigationParts {
  const { recordedMs, seed = 1, litresPerMinute = (): number => LITRES_PER_MINUTE, areaM2 = AREA_M2 } = options
  const plot = createPlot(site)
  const wetness = (layer: 'shallow' | 'deep'): Signal => {
    return (ms) => plot.moisture(recordedMs(ms))[layer] / SATURATION
  }
  const flow = flowMeter({
    litresPerMinute,
    onWater: (litres, ms) => plot.irrigate(recordedMs(ms), litres / areaM2),
  })
  const shallow = soilProbe({ wetness: wetness('shallow'), channel: SHALLOW_CHANNEL, seed })
  const deep = soilProbe({ wetness: wetness('deep'), channel: DEEP_CHANNEL, seed })
  const soil = thermometer({ celsius: (ms) => site.soilTemperature(recordedMs(ms)), serial: seed })
  const valve = valveWatch()
  return {
    flow,
    shallow,
    deep,
    soil,
    valve,
    plot,
    connect: (uno) => {
      for (const part of [flow, shallow, deep, soil, valve]) part.connect(uno)
    },
  }
}
