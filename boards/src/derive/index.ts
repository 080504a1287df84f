export { type CounterDelta, type CounterSample, counterDelta, mostPulses } from './counter.ts'
export { dewPoint } from './dew-point.ts'
export { litres, litresPerSecond, YF_S201_PULSES_PER_LITRE } from './flow.ts'
export { RainGauge, type RainOptions, type RainReport, SPARKFUN_MM_PER_TIP } from './rain.ts'
export { seaLevelPressure } from './sea-level-pressure.ts'
export { SEN0193_EXAMPLE, type SoilCalibration, soilPercent } from './soil.ts'
export {
  SPARKFUN_CIRCUIT,
  SPARKFUN_VANE,
  type VaneCircuit,
  type VanePosition,
  vaneCounts,
  vaneDegrees,
} from './vane.ts'
export {
  cupSpeed,
  SPARKFUN_MPS_PER_HERTZ,
  type WindOptions,
  type WindReport,
  type WindSample,
  WindWindow,
} from './wind.ts'
export { windChill } from './wind-chill.ts'
