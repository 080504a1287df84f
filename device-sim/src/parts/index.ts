/** Emulated sensors and actuators for an emulated Uno, driven by a simulated world, with faults and a log of the truth. */
export { type Anemometer, type AnemometerOptions, anemometer, MPS_PER_HZ } from './anemometer.ts'
export { type Bme280, type Bme280Fault, type Bme280Options, bme280 } from './bme280.ts'
export type { ContactFault } from './contact.ts'
export { type Ds18b20Options, ds18b20, ds18b20Rom } from './ds18b20.ts'
export {
  type FlowMeter,
  type FlowMeterFault,
  type FlowMeterOptions,
  flowMeter,
  PULSES_PER_LITRE,
} from './flow-meter.ts'
export { type IrrigationParts, type IrrigationPartsOptions, irrigationParts } from './irrigation-parts.ts'
export type { Part, Signal } from './part.ts'
export { MM_PER_TIP, type RainGauge, type RainGaugeOptions, rainGauge } from './rain-gauge.ts'
export { type SoilProbe, type SoilProbeFault, type SoilProbeOptions, soilProbe } from './soil-probe.ts'
export { type Thermometer, type ThermometerFault, type ThermometerOptions, thermometer } from './thermometer.ts'
export type { Said, Truth } from './truth.ts'
export { type ValveTurn, type ValveWatch, valveWatch } from './valve-watch.ts'
export {
  type StationParts,
  type StationPartsOptions,
  type WeatherParts,
  type WeatherPartsOptions,
  weatherParts,
} from './weather-parts.ts'
export { vaneVolts, type WindVane, type WindVaneFault, type WindVaneOptions, windVane } from './wind-vane.ts'
